import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.schema.bindings import read_module
from tests.infra.schema.derive import ROOT, derive
from tests.infra.schema.model import read_provider

# What the generator writes for a resource with one argument of each kind, shortened to what is read of it.
RESOURCE = """
function queueLaneToHclTerraform(struct) {
    const attrs = {
        speed: {
            value: cdktf.numberToHclTerraform(struct.speed),
            isBlock: false,
            type: "simple",
            storageClassType: "number",
        },
    };
}
class QueueLaneOutputReference extends cdktf.ComplexObject {
    get speed() {
        return this.getNumberAttribute('speed');
    }
    get taken() {
        return this.getBooleanAttribute('taken');
    }
}
class QueueReportOutputReference extends cdktf.ComplexObject {
    get words() {
        return cdktf.Fn.tolist(this.getListAttribute('words'));
    }
}
class Queue extends cdktf.TerraformResource {
    constructor(scope, id, config) {
        super(scope, id, {
            terraformResourceType: 'sample_queue',
        });
        this._labels = new cdktf.StringMap(this, "all_labels");
        this._reports = new QueueReportList(this, "reports", false);
        this._lane = new QueueLaneOutputReference(this, "lane");
    }
    get queueName() {
        return this.getStringAttribute('queue_name');
    }
    get passwordWo() {
        return this.getStringAttribute('password_wo');
    }
    get uri() {
        return this.getStringAttribute('uri');
    }
    synthesizeHclAttributes() {
        const attrs = {
            queue_name: {
                value: cdktf.stringToHclTerraform(this._queueName),
                isBlock: false,
                type: "simple",
                storageClassType: "string",
            },
            mode: {
                value: cdktf.stringToHclTerraform(this._mode),
                isBlock: false,
                type: "simple",
                storageClassType: "string",
            },
            password_wo: {
                value: cdktf.stringToHclTerraform(this._passwordWo),
                isBlock: false,
                type: "simple",
                storageClassType: "string",
            },
            regions: {
                value: cdktf.listMapperHcl(cdktf.stringToHclTerraform, false)(this._regions),
                isBlock: false,
                type: "set",
                storageClassType: "stringList",
            },
            lane: {
                value: queueLaneToHclTerraform(this._lane.internalValue),
                isBlock: true,
                type: "list",
                storageClassType: "QueueLaneList",
            },
            spare: {
                value: cdktf.listMapperHcl(queueLaneToHclTerraform, true)(this._spare.internalValue),
                isBlock: true,
                type: "list",
                storageClassType: "QueueLaneList",
            },
        };
    }
}
"""
PROVIDER = """
class SampleProvider extends cdktf.TerraformProvider {
    constructor(scope, id, config = {}) {
        super(scope, id, {
            terraformResourceType: 'sample',
        });
    }
}
"""


def interface(folder: str, name: str, **properties: tuple[bool, str]) -> dict[str, object]:
    described = [
        {"name": key, "optional": optional, "docs": {"summary": summary}}
        for key, (optional, summary) in properties.items()
    ]
    where = {"filename": f"src/{folder}/index.ts"}
    return {"kind": "interface", "name": name, "properties": described, "locationInModule": where}


def construct(folder: str, name: str, base: str, config: str) -> dict[str, object]:
    parameters = [{}, {}, {"type": {"fqn": f"sample.{config}"}}]
    where = {"filename": f"src/{folder}/index.ts"}
    initializer = {"parameters": parameters}
    return {"kind": "class", "name": name, "base": base, "initializer": initializer, "locationInModule": where}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    types = [
        construct("queue", "Queue", "cdktf.TerraformResource", "QueueConfig"),
        interface(
            "queue",
            "QueueConfig",
            queueName=(False, "Its name."),
            mode=(True, 'How. Possible values: ["FAST", "SLOW"]'),
            passwordWo=(True, ""),
            regions=(True, ""),
            lane=(False, "lane block."),
            spare=(True, "spare block."),
        ),
        interface("queue", "QueueLane", speed=(False, "")),
        construct("provider", "SampleProvider", "cdktf.TerraformProvider", "SampleProviderConfig"),
        interface("provider", "SampleProviderConfig"),
    ]
    (tmp_path / ".jsii").write_text(json.dumps({"types": {str(n): each for n, each in enumerate(types)}}))
    cdktf = {"provider": {"name": "registry.example.com/someone/sample", "version": "1.2.3"}}
    (tmp_path / "package.json").write_text(json.dumps({"cdktf": cdktf}))
    for folder, text in {"queue": RESOURCE, "provider": PROVIDER}.items():
        (tmp_path / "lib" / folder).mkdir(parents=True)
        (tmp_path / "lib" / folder / "index.js").write_text(text)
    return tmp_path


def test_a_resource_is_read_as_terraform_itself_would_describe_it(package: Path) -> None:
    (schemas,) = derive(package, "sample")["provider_schemas"].values()
    block = schemas["resource_schemas"]["sample_queue"]["block"]
    lane = {"speed": {"type": "number", "required": True}, "taken": {"type": "bool", "computed": True}}
    assert block["attributes"] == {
        "all_labels": {"type": ["map", "string"], "computed": True},
        "mode": {"type": "string", "optional": True, "possible_values": ["FAST", "SLOW"]},
        "password_wo": {"type": "string", "optional": True, "write_only": True},
        "queue_name": {"type": "string", "required": True},
        "regions": {"type": ["set", "string"], "optional": True},
        "reports": {"type": ["list", ["object", {"words": ["set", "string"]}]], "computed": True},
        "uri": {"type": "string", "computed": True},
    }
    assert block["block_types"] == {
        "lane": {"nesting_mode": "list", "block": {"attributes": lane}, "min_items": 1, "max_items": 1},
        "spare": {"nesting_mode": "list", "block": {"attributes": lane}},
    }


def test_only_what_infra_uses_is_kept(package: Path, tmp_path: Path) -> None:
    infra, kept = tmp_path / "infra", tmp_path / "kept"
    infra.mkdir()
    command = [sys.executable, "-m", "tests.infra.schema.derive", str(package), "--infra", str(infra)]
    command += ["--everything", str(tmp_path / "everything")]
    for text, types in {"": set(), 'resource "sample_queue" "one" {}\n': {"sample_queue"}}.items():
        (infra / "main.tf").write_text(text)
        subprocess.run([*command, "--into", str(kept)], cwd=ROOT, check=True, capture_output=True)
        assert set(read_provider("sample", kept).types["resource"]) == types


def test_a_folder_that_is_no_resource_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.js").write_text("")
    with pytest.raises(ValueError, match="names no Terraform type"):
        read_module(tmp_path)
