"""The functions in; a ZIP of each, as Terraform uploads it, out."""

from headrace import bundles, topology
from headrace.delivery.work import Delivery

KIB = 1 << 10


def bundle(delivery: Delivery) -> None:
    """Write build/functions, which Terraform's variable `bundles` names; the same code is the same bytes."""
    root = delivery.target.root
    for name, function in bundles.functions(topology.load(root / "infra" / "topology.yaml")).items():
        archive = bundles.write(function, root, delivery.target.build / "functions" / f"{name}.zip")
        delivery.say(f"{archive.relative_to(root)}  {archive.stat().st_size / KIB:.0f} KiB")
