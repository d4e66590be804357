import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from headrace.delivery.images import images
from tests.deploy.servers import Servers
from tests.images.buildah import ROOT, Builder, missing
from tests.images.container import Container


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """The Debian below all images is made once and kept in build/; what is built on it goes with the session."""
    if why := missing():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("buildah")
    made = Builder(folder, ROOT / "build" / "images")
    made.make_base()
    yield made
    made.clear()
    shutil.rmtree(folder)


@pytest.fixture
def container(request: pytest.FixtureRequest, builder: Builder) -> Iterator[Container]:
    """A container of the image that the test names."""
    asked = {image.name: image for image in images(ROOT)}
    with builder.container(asked[request.param]) as made:
        yield made


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    started = Servers(tmp_path)
    yield started
    started.stop()
