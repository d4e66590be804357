import gzip
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from headrace.data.folder_dataset import FolderDataset
from headrace.workload import BadData, Prepared
from workloads.sentiment.generator import reviews, sentence
from workloads.sentiment.serving import serving
from workloads.sentiment.training import training

Written = Callable[[Mapping[str, bytes]], Path]
Row = tuple[str, object]


def rows(count: int = 200, seed: int = 1) -> list[Row]:
    return [(sentence(words), label) for words, label in reviews(count, seed)]


def table(found: Sequence[Row], head: str = "text,label") -> bytes:
    lines = [f'"{text}",{label}' for text, label in found]
    return "\n".join([head, *lines, ""]).encode()


def prepared(dataset: Path) -> tuple[Prepared, Path]:
    folder = dataset.parent / f"{dataset.name}-split"
    return training.prepare(FolderDataset(dataset), folder), folder


def texts(folder: Path, part: str) -> dict[str, int]:
    examples = serving.examples(folder / part)
    return {str(each["text"]): int(label) for each, label in zip(examples.instances, examples.labels, strict=True)}


def refused(dataset: Path) -> str:
    with pytest.raises(BadData) as caught:
        prepared(dataset)
    return str(caught.value)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_three_forms_hold_the_same_texts(written: Written) -> None:
    found = rows()
    tweets = "".join(f'"{4 * int(str(label))}","1","","","u","{text}"\n' for text, label in found).encode("latin-1")
    phrases = "sentence\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in found)
    forms = [{"a.csv": table(found)}, {"b.tsv": phrases.encode()}, {"c.csv": tweets}]
    forms.append({"a.csv.gz": gzip.compress(table(found[:90])), "b.csv": table(found[90:])})
    splits = [contents(prepared(written(files))[1]) for files in forms]
    assert all(split == splits[0] for split in splits[1:])


@pytest.mark.parametrize("names", [("neg", "pos"), ("negative", "positive"), ("Negative ", "POS"), ("0.0", "1.0")])
def test_the_usual_names_of_labels_mean_the_same(written: Written, names: tuple[str, str]) -> None:
    plain, named = rows(), [(text, names[int(str(label))]) for text, label in rows()]
    assert contents(prepared(written({"a.csv": table(named)}))[1]) == contents(
        prepared(written({"a.csv": table(plain)}))[1]
    )


def test_any_two_names_are_classes(written: Written) -> None:
    found = [(text, ("ham", "spam")[int(str(label))]) for text, label in rows()]
    result, folder = prepared(written({"a.csv": table(found)}))
    assert "ham and" in result.notes[0]
    assert '["ham", "spam"]' in (folder / "train" / "classes.json").read_text()


def test_no_text_is_in_both_splits_however_it_is_written(written: Written) -> None:
    found = rows()
    shouted = [(text.upper().replace(" ", "  "), label) for text, label in found]
    result, folder = prepared(written({"a.csv": table(found), "b.csv": table(shouted)}))
    train, test = texts(folder, "train"), texts(folder, "test")
    assert len(train) + len(test) == result.train + result.test <= 200
    assert not {text.lower() for text in train} & {text.lower() for text in test}
    assert "said before" in result.notes[-1]


def test_the_names_and_the_order_of_files_do_not_matter(written: Written) -> None:
    first, second = table(rows(100, 1)), table(rows(100, 2))
    one, other = written({"a.csv": first, "b.csv": second}), written({"x/z.csv": second, "y.csv": first})
    assert contents(prepared(one)[1]) == contents(prepared(other)[1])


def test_a_text_with_both_labels_is_set_aside(written: Written) -> None:
    result, folder = prepared(written({"a.csv": table([*rows(), ("Torn!", 0), ("torn !", 1), ("torn!", 1)])}))
    assert "torn!" not in {text.lower() for part in ("train", "test") for text in texts(folder, part)}
    assert "3 labelled both ways" in result.notes[-1]


def test_what_cannot_be_learned_from_is_set_aside_and_counted(written: Written) -> None:
    spoilt = b'"",1\n" \t ",0\n"so so",neutral\nno comma\n"na\xefve",1\n"a\0b",1\ntext,label\n"no label",\n'
    result, _ = prepared(written({"a.csv": table(rows()) + spoilt}))
    aside = result.notes[-1]
    for reason in (
        "2 without a word",
        "1 neutral",
        "1 with more or fewer cells in a.csv",
        "1 not in UTF-8 in a.csv",
        "1 with NUL bytes in a.csv",
    ):
        assert reason in aside
    assert aside.startswith("8 texts set aside")
    assert result.train + result.test == len({text for text, _ in rows()})


def test_neutral_tweets_are_set_aside(written: Written) -> None:
    lines = "".join(f'"{4 * int(str(label))}","1","","","u","{text}"\n' for text, label in rows())
    result, _ = prepared(written({"a.csv": (lines + '"2","1","","","u","so so"\n').encode()}))
    assert "1 neutral" in result.notes[-1]


def test_tweets_are_read_in_latin_1_and_in_utf_8(written: Written) -> None:
    lines = "".join(f'"{4 * int(str(label))}","1","","","u","{text}"\n' for text, label in rows())
    old, new = ('"4","1","","","u","naïve"\n'.encode(encoding) for encoding in ("latin-1", "utf-8"))
    for line in (old, new):
        _, folder = prepared(written({"a.csv": lines.encode() + line}))
        assert "naïve" in texts(folder, "train") | texts(folder, "test")


@pytest.mark.parametrize("name", ["dev.csv", "sst2_dev.csv", "testdata.manual.csv", "validation/part-1.csv"])
def test_a_file_named_for_it_is_the_test_split(written: Written, name: str) -> None:
    held = rows(60, seed=9)
    result, folder = prepared(written({"train.csv": table([*rows(), *held[:5]]), name: table(held)}))
    assert set(texts(folder, "test")) == {text for text, _ in held}
    assert not set(texts(folder, "train")) & set(texts(folder, "test"))
    assert f"tested on {name} as it is named for that" in result.notes[1]
    assert "5 also in a test file" in result.notes[-1]


@pytest.mark.parametrize("names", [("test.csv",), ("dev.csv", "test.csv"), ("train_and_test.csv", "more.csv")])
def test_files_with_nothing_beside_them_to_train_on_are_split(written: Written, names: tuple[str, ...]) -> None:
    result, _ = prepared(written({name: table(rows(seed=place)) for place, name in enumerate(names)}))
    assert result.notes[1] == "tested on 20%, chosen by a hash of each text"


def test_a_text_stays_in_the_test_when_texts_are_added(written: Written) -> None:
    few, more = (prepared(written({"a.csv": table(rows(count))}))[1] for count in (200, 400))
    assert set(texts(few, "test")) <= set(texts(more, "test"))


def test_texts_that_were_all_of_a_test_split_are_split_again(written: Written) -> None:
    _, first = prepared(written({"a.csv": table(rows(1000))}))
    result, folder = prepared(written({"a.csv": table(list(texts(first, "test").items()))}))
    assert result.train > 2 * result.test > 0
    assert not set(texts(folder, "train")) & set(texts(folder, "test"))


def test_words_are_those_of_the_training_texts_commonest_first(written: Written) -> None:
    found = [("one two two", 0), ("three three three two", 1)] * 30
    unique = [(f"{text} n{place}x", label) for place, (text, label) in enumerate(found)]
    held = [(f"other words {place}y", place % 2) for place in range(60)]
    _, folder = prepared(written({"train.csv": table(unique), "dev.csv": table(held)}))
    text = (folder / "train" / "words.json").read_text()
    assert text.startswith('["three", "two", "one", "n0x"')
    assert "other" not in text
    tokens, offsets = (np.load(folder / "train" / f"tokens{part}.npy") for part in ("", "-offsets"))
    assert tokens.dtype == np.int32
    assert offsets[-1] == len(tokens)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a.csv": table([(text, 0) for text, _ in rows()])}, "every text is labelled negative; a model needs texts"),
        ({"a.csv": table([(t, "bad") for t, _ in rows()])}, "every text is labelled bad"),
        (
            {"a.csv": table([(t, n % 3) for n, (t, _) in enumerate(rows())])},
            "the labels are 0, 1, 2; a model tells two",
        ),
        ({"a.csv": table(rows(30))}, "texts are too few; upload at least 50, 10 of each kind"),
        ({"a.csv": b"text,label\n"}, "the labels are absent"),
        ({"a.csv": table([(" ", 1), (" ", 0)])}, "the labels are absent"),
        ({"a.txt": b"text,label\n"}, "no file that ends in .csv, .csv.gz, .tsv, .tsv.gz"),
        ({"a.csv.gz": gzip.compress(table(rows()))[:-20]}, "a.csv.gz cannot be unpacked"),
        (
            {"a.csv": table(rows()), "dev.csv": table([("a joy", 1)])},
            "all texts for test are positive; a model needs both kinds in training and test",
        ),
        ({"a.csv": table([("so so", "neutral")] * 5)}, "the labels are neutral"),
    ],
)
def test_what_no_honest_model_can_come_of_is_refused(written: Written, files: dict[str, bytes], reason: str) -> None:
    assert reason in refused(written(files))


def test_a_quote_that_is_never_closed_costs_its_lines_and_is_counted(written: Written) -> None:
    tail = b'"never closed,1\n' + b"".join(b"line %d,1\n" % n for n in range(16_000))
    result = refused(written({"a.csv": table(rows()) + tail}))
    assert "unreadable" in result or "cells" in result
