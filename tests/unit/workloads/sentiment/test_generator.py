import csv
import subprocess
import sys
from pathlib import Path
from statistics import mean

import pytest

from workloads.sentiment.generator import MISLABELLED, reviews, sample, sentence, write
from workloads.sentiment.reading import opened


def test_the_same_seed_and_drift_give_the_same_reviews() -> None:
    assert list(reviews(50, 7, 0.3)) == list(reviews(50, 7, 0.3))


def test_another_seed_gives_other_reviews_and_more_start_with_the_same() -> None:
    assert list(reviews(50, 7)) != list(reviews(50, 8))
    assert list(reviews(60, 7))[:50] == list(reviews(50, 7))


def test_labels_are_of_both_kinds_and_nearly_all_follow_from_the_words() -> None:
    found = [(" ".join(words), label) for words, label in reviews(3000, 1)]
    assert 0.45 < mean(label for _, label in found) < 0.6
    plain = [label == ("loved" in text) for text, label in found if _is_one_clause(text)]
    assert len(plain) > 50
    assert 0 < 1 - mean(plain) < 3 * MISLABELLED


def _is_one_clause(text: str) -> bool:
    joining = {"and", "but", "still", "however", ";", "while", "though", "although", "even"}
    found = set(text.split())
    return bool({"loved", "hated"} & found) and not joining & found


def test_the_same_words_are_good_and_bad() -> None:
    found = list(reviews(3000, 1))
    for word in ("superb", "dull"):
        shares = [label for words, label in found if word in words]
        assert 0.1 < mean(shares) < 0.9


@pytest.mark.parametrize(
    ("form", "name"),
    [("csv", "a.csv"), ("csv", "a.csv.gz"), ("tsv", "a.tsv"), ("tsv", "a.tsv.gz"), ("tweets", "a.csv")],
)
def test_each_form_is_read_as_what_was_written(tmp_path: Path, form: str, name: str) -> None:
    write(tmp_path / name, form, 100, seed=3, drift=0.5)
    with opened(tmp_path / name) as lines:
        found = list(lines)
    labels = [("negative", "positive")[label] for _, label in reviews(100, 3, 0.5)]
    said = [{"0": "negative", "1": "positive"}.get(label, label) for _, label in found]
    assert said == labels
    if form != "tsv":
        assert [text for text, _ in found] == [sentence(words) for words, _ in reviews(100, 3, 0.5)]


def test_tweets_have_the_six_columns_of_the_original(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "tweets", 20)
    with (tmp_path / "a.csv").open(encoding="latin-1", newline="") as file:
        rows = list(csv.reader(file))
    assert {len(row) for row in rows} == {6}
    assert {row[0] for row in rows} == {"0", "4"}
    assert {row[3] for row in rows} == {"NO_QUERY"}


def test_a_compressed_file_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        write(tmp_path / name, "csv", 50)
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


def test_drift_makes_texts_loud() -> None:
    calm, loud = ([sentence(words) for words, _ in reviews(500, 1, drift)] for drift in (0.0, 0.8))
    assert mean(text.isupper() or "@" in text for text in calm) < 0.05
    assert mean("@" in text for text in loud) > 0.7
    assert sum(map(str.isupper, "".join(loud))) > 5 * sum(map(str.isupper, "".join(calm)))


def test_a_drift_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match="drift 3 is not between 0 and 1"):
        next(reviews(1, 0, 3))


def test_the_sample_has_every_form(tmp_path: Path) -> None:
    sample(tmp_path)
    forms = set()
    for path in tmp_path.iterdir():
        with opened(path) as lines:
            forms.add((lines.form.cells, lines.form.header))
    assert forms == {(2, True), (6, False)}


def test_it_runs_as_a_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "workloads.sentiment.generator", str(tmp_path / "new"), "--rows", "5", "--form"]
    subprocess.run([*command, "tsv", "--seed", "4"], check=True)
    lines = (tmp_path / "new" / "reviews-4.tsv").read_text().splitlines()
    assert len(lines) == 6
    assert lines[0] == "sentence\tlabel"
