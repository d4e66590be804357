"""The model registry: versions, tags, aliases and the files behind them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headrace.errors import NotFound
from headrace.ports import Version
from tests.fakes import together

from .conftest import RegistryUnderTest


def register(registry: RegistryUnderTest, workload: str, **tags: str) -> Version:
    return registry.port.register(workload, "", "gs://local-headrace-models/export", tags)


def test_a_registered_version_is_there_with_its_source_tags_and_time(
    registry: RegistryUnderTest, workload: str
) -> None:
    version = register(registry, workload, **{"headrace.job": "job-1", "headrace.note": "ü, 'quotes' and \n lines"})
    assert (version.workload, version.number) == (workload, 1)
    assert version.source == "gs://local-headrace-models/export"
    assert dict(version.tags) == {"headrace.job": "job-1", "headrace.note": "ü, 'quotes' and \n lines"}
    assert abs(datetime.now(UTC) - version.created) < timedelta(minutes=1)
    assert registry.port.version(workload, 1) == version


def test_versions_are_listed_oldest_first_with_their_tags(registry: RegistryUnderTest, workload: str) -> None:
    made = [register(registry, workload, **{"headrace.job": f"job-{number}"}) for number in range(11)]
    assert list(registry.port.versions(workload)) == made
    assert [version.number for version in made] == list(range(1, 12))


def test_a_model_that_is_not_there_has_no_versions_and_no_aliases(registry: RegistryUnderTest, workload: str) -> None:
    assert list(registry.port.versions(workload)) == []
    assert registry.port.alias(workload, "champion") is None
    assert workload not in registry.port.workloads()


def test_a_version_that_is_not_there_is_not_found(registry: RegistryUnderTest, workload: str) -> None:
    with pytest.raises(NotFound):
        registry.port.version(workload, 1)
    register(registry, workload)
    with pytest.raises(NotFound):
        registry.port.version(workload, 2)


def test_an_alias_names_the_version_it_was_last_set_to(registry: RegistryUnderTest, workload: str) -> None:
    register(registry, workload)
    second = register(registry, workload, **{"headrace.job": "job-2"})
    assert registry.port.alias(workload, "champion") is None
    registry.port.set_alias(workload, "champion", 1)
    registry.port.set_alias(workload, "champion", 2)
    assert registry.port.alias(workload, "champion") == second


def test_every_model_is_listed_with_its_aliases(registry: RegistryUnderTest, workload: str) -> None:
    register(registry, workload)
    register(registry, workload)
    assert registry.port.workloads()[workload] == {}
    registry.port.set_alias(workload, "champion", 1)
    registry.port.set_alias(workload, "challenger", 2)
    assert registry.port.workloads()[workload] == {"champion": 1, "challenger": 2}


def test_an_alias_is_not_set_to_a_version_that_is_not_there(registry: RegistryUnderTest, workload: str) -> None:
    register(registry, workload)
    with pytest.raises(NotFound):
        registry.port.set_alias(workload, "champion", 2)
    assert registry.port.alias(workload, "champion") is None


def test_an_alias_is_deleted_and_deleting_it_again_changes_nothing(registry: RegistryUnderTest, workload: str) -> None:
    register(registry, workload)
    registry.port.set_alias(workload, "challenger", 1)
    registry.port.delete_alias(workload, "challenger")
    registry.port.delete_alias(workload, "challenger")
    assert registry.port.alias(workload, "challenger") is None


def test_tags_are_added_and_replaced_one_by_one(registry: RegistryUnderTest, workload: str) -> None:
    register(registry, workload, kept="1", replaced="1")
    registry.port.tag(workload, 1, {"replaced": "2", "added": "3"})
    assert dict(registry.port.version(workload, 1).tags) == {"kept": "1", "replaced": "2", "added": "3"}


def test_a_tag_may_be_as_long_as_a_verdict_with_its_reasons(registry: RegistryUnderTest, workload: str) -> None:
    register(registry, workload)
    registry.port.tag(workload, 1, {"headrace.reasons": "r" * 20_000})
    assert registry.port.version(workload, 1).tags["headrace.reasons"] == "r" * 20_000


def test_a_version_that_is_not_there_is_not_tagged(registry: RegistryUnderTest, workload: str) -> None:
    with pytest.raises(NotFound):
        registry.port.tag(workload, 1, {"a": "b"})


def test_a_deleted_version_takes_its_aliases_with_it(registry: RegistryUnderTest, workload: str) -> None:
    register(registry, workload)
    registry.port.set_alias(workload, "champion", 1)
    registry.delete(workload, 1)
    assert registry.port.alias(workload, "champion") is None
    assert registry.port.workloads()[workload] == {}
    with pytest.raises(NotFound):
        registry.port.version(workload, 1)


def test_versions_that_are_registered_at_once_get_different_numbers(registry: RegistryUnderTest, workload: str) -> None:
    found = together(3, lambda: register(registry, workload))
    assert sorted(version.number for version in found if isinstance(version, Version)) == [1, 2, 3]


def test_what_a_run_logged_is_downloaded_without_having_been_registered(
    registry: RegistryUnderTest, workload: str, tmp_path: Path
) -> None:
    export, fetched = tmp_path / "export", tmp_path / "fetched"
    export.mkdir()
    fetched.mkdir()
    (export / "model.onnx").write_bytes(b"a graph")
    run, _ = registry.put(export)
    logged = registry.port.logged(workload, run, "export")
    assert (logged.workload, logged.number, logged.run_id) == (workload, 0, run)
    registry.port.download(logged, fetched)
    assert [(path.name, path.read_bytes()) for path in fetched.iterdir()] == [("model.onnx", b"a graph")]
    assert workload not in registry.port.workloads()


def test_what_no_run_logged_is_not_found(registry: RegistryUnderTest, workload: str, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"a graph")
    run, _ = registry.put(tmp_path)
    for absent, path in ((run, "elsewhere"), (run, "export/model.onnx"), ("0" * 32, "export"), ("no-id", "export")):
        with pytest.raises(NotFound):
            registry.port.logged(workload, absent, path)


def test_a_versions_files_are_downloaded(registry: RegistryUnderTest, workload: str, tmp_path: Path) -> None:
    export, fetched = tmp_path / "export", tmp_path / "fetched"
    export.mkdir()
    fetched.mkdir()
    (export / "model.onnx").write_bytes(b"\x00\x01" * 700_000)
    (export / "encoding.json").write_text("{}")
    run, source = registry.put(export)
    version = registry.port.register(workload, run, source, {})
    assert version.run_id == run
    registry.port.download(version, fetched)
    found = {path.name: path.read_bytes() for path in fetched.iterdir()}
    assert found == {path.name: path.read_bytes() for path in export.iterdir()}


def test_a_versions_training_is_told_by_its_run_and_files_are_kept_beside_it(
    registry: RegistryUnderTest, workload: str, tmp_path: Path
) -> None:
    (tmp_path / "model.onnx").write_bytes(b"a graph")
    run, source = registry.put(tmp_path)
    version = registry.port.register(workload, run, source, {})
    for text in (b"a draft", "für später".encode()):
        registry.port.attach(version, "card/model card.md", text)
    training = registry.port.training(version)
    assert abs(datetime.now(UTC) - training.started) < timedelta(minutes=1)
    assert training.ended is None
    assert training.tags["headrace.job"].startswith("job-")
    assert registry.read(run, "card/model card.md") == "für später".encode()
    assert registry.port.attachment(version, "card/model card.md") == "für später".encode()
    with pytest.raises(NotFound):
        registry.port.attachment(version, "card/no card.md")


def test_a_version_that_no_run_made_has_no_training_and_keeps_no_files(
    registry: RegistryUnderTest, workload: str
) -> None:
    version = register(registry, workload)
    with pytest.raises(NotFound):
        registry.port.training(version)
    with pytest.raises(NotFound):
        registry.port.attach(version, "card.md", b"")
    with pytest.raises(NotFound):
        registry.port.attachment(version, "card.md")


def test_a_training_is_followed_in_its_run_while_it_is_under_way(registry: RegistryUnderTest, workload: str) -> None:
    run = registry.track(workload, "job-1", {"loss": [3.0, 2.0, 1.5], "auc": [0.5, 0.6, 0.7]})
    registry.track(workload, "job-2", {"loss": [9.0]})
    found = registry.port.tracked(workload, "job-1")
    assert found is not None
    assert (found.run_id, found.logged.ended) == (run, None)
    assert found.experiment
    assert dict(found.logged.metrics) == {"loss": 1.5, "auc": 0.7}
    assert list(registry.port.curve(run, "loss")) == [(1, 3.0), (2, 2.0), (3, 1.5)]
    assert list(registry.port.curve(run, "f1")) == []


def test_a_long_curve_is_thinned_out_and_keeps_its_course(registry: RegistryUnderTest, workload: str) -> None:
    run = registry.track(workload, "job-1", {"loss": [float(step) for step in range(1, 501)]})
    points = list(registry.port.curve(run, "loss", most=50))
    assert 10 <= len(points) <= 100
    assert all(value == step for step, value in points)
    assert points == sorted(points)


def test_a_training_that_has_begun_no_run_has_none(registry: RegistryUnderTest, workload: str) -> None:
    assert registry.port.tracked(workload, "job-1") is None
    registry.track(workload, "job-1", {"loss": [1.0]})
    assert registry.port.tracked(workload, "job-2") is None
