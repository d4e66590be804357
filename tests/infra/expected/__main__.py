"""Nothing in; the expectations of every environment, written anew, out."""

from tests.infra.estate import all_applied
from tests.infra.expected import HERE
from tests.infra.expected.listing import listing

print("applying every environment to stand-ins …", flush=True)
made = all_applied()
for environment in made:
    path = HERE / f"{environment}.txt"
    path.write_text(listing(environment, made))
    print(path)
