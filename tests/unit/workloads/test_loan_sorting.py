import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.unit.workloads.loans import csv_bytes, loans
from workloads.loan_default.cleaner import LOAN
from workloads.loan_default.sorting import Sorter
from workloads.loan_default.sources import ROWS

LOANS = np.zeros(100_000, LOAN)
LOANS["key"] = np.random.default_rng(0).integers(0, 2**64, len(LOANS), np.uint64)
LOANS["label"] = np.random.default_rng(1).integers(0, 2, len(LOANS))
LOANS["values"][:, 0] = LOANS["key"] % 1000


def sorted_blocks(blocks: list[npt.NDArray[np.void]]) -> list[npt.NDArray[np.void]]:
    sorter = Sorter(BytesIO())
    for block in blocks:
        sorter.add(block)
    return list(sorter.blocks())


@pytest.mark.parametrize("blocks", [1, 2, 7, 500])
def test_loans_come_back_by_key_however_they_were_cut(blocks: int) -> None:
    found = np.concatenate(sorted_blocks(np.array_split(LOANS, blocks)))
    assert np.array_equal(found, LOANS[np.argsort(LOANS["key"])])


def test_loans_come_back_in_the_same_order_whatever_theirs_was() -> None:
    twice = np.concatenate([LOANS[:3000], LOANS[:3000]])
    twice["label"][3000:] = 1
    orders = [np.random.default_rng(seed).permutation(len(twice)) for seed in (0, 1)]
    first, second = (np.concatenate(sorted_blocks(np.array_split(twice[order], 5))) for order in orders)
    assert first.tobytes() == second.tobytes()


def test_blocks_are_about_as_large_as_those_that_are_read() -> None:
    assert max(map(len, sorted_blocks(np.array_split(LOANS, 10)))) < 1.2 * ROWS


def test_no_loans_are_no_loans() -> None:
    assert sum(map(len, sorted_blocks([LOANS[:0]]))) == 0


def test_preparing_five_times_the_loans_takes_no_more_memory(tmp_path: Path) -> None:
    content = csv_bytes(loans(10_000))
    code = (
        "import resource, sys; from pathlib import Path; from headrace.data.folder_dataset import FolderDataset;"
        "from workloads.loan_default.preparing import prepare;"
        "prepare(FolderDataset(Path(sys.argv[1])), Path(sys.argv[1]) / 'split');"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = []
    for files in (2, 10):
        dataset = tmp_path / str(files)
        dataset.mkdir()
        for number in range(files):
            (dataset / f"{number}.csv").write_bytes(content)
        done = subprocess.run([sys.executable, "-c", code, str(dataset)], capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < peaks[0] + 10_000
