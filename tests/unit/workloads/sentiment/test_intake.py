import gzip

import pytest

from headrace.workload import BadData
from workloads.sentiment.intake import intake

LIMIT = 1 << 20
TWEET = b'"0","1467810369","Mon Apr 06 22:19:45 PDT 2009","NO_QUERY","bob","I\'m not happy, at all"\n'


def refused(name: str, head: bytes) -> str:
    with pytest.raises(BadData) as caught:
        intake.peek(name, head)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.csv", b"text,label\nwell worth seeing,1\n"),
        ("a.csv", b"\xef\xbb\xbfText , Label\r\n\"one, two\nthree\",pos\r\n"),
        ("a.csv", b"id,review,sentiment\n7,a bore,negative\n8,a joy,positive\n"),
        ("a.csv", b"text,label\nwin a prize,spam\nsee you at six,ham\n"),
        ("a.tsv", b'sentence\tlabel\nan "unclosed quote \t0\n'),
        ("A.TSV", b"label\tsentence\n1\ta joy\n"),
        ("tweets.csv", TWEET),
        ("tweets.csv", TWEET.replace(b"happy", b"h\xe4ppy")),
        ("tweets.csv.gz", gzip.compress(TWEET)),
        ("a.tsv.gz", gzip.compress(b"sentence\tlabel\na joy\t1\n")),
    ],
)  # fmt: skip
def test_each_form_is_accepted(name: str, head: bytes) -> None:
    intake.peek(name, head)


def test_what_is_cut_off_at_the_end_of_the_head_is_not_looked_at() -> None:
    head = (b"text,label\n" + b"well worth seeing,1\n" * 60_000)[: LIMIT - 4] + b'"cut'
    assert len(head) == LIMIT
    intake.peek("a.csv", head)


@pytest.mark.parametrize(
    ("name", "head", "reason"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b"\n", "starts with an empty line"),
        ("a.csv", b"text,label\n", "no labelled text below its first line"),
        ("a.csv", b"a joy,1\n", "no column of texts (its first line is a joy, 1)"),
        ("a.csv", b"txt,label\na joy,1\n", "is 'txt' meant to be 'text'?"),
        ("a.csv", b"text,sentence,label\na,b,1\n", "has 2 columns of texts"),
        ("a.csv", b"text;label\na joy;1\n", "separate the cells by commas"),
        ("a.tsv", b"sentence,label\na joy,1\n", "separate the cells by tabs"),
        ("test.tsv", b"index\tsentence\n0\ta joy\n", "no column of labels"),
        ("a.csv", b"text,label\na,good\nb,bad\nc,ugly\n", "the labels are bad, good, ugly"),
        ("a.csv", "text,label\n".encode("utf-16"), "written in UTF-16; save it in UTF-8"),
        ("a.csv", b"PK\x03\x04 \n", "an Excel workbook"),
        ("a.csv", gzip.compress(b"text,label\n"), "let its name end in .gz"),
        ("a.csv", b"a\0b\n", "holds NUL bytes"),
        ("a.csv.gz", b"text,label\na joy,1\n", "not compressed with gzip"),
        ("a.csv.gz", gzip.compress(b""), "a.csv.gz is empty"),
        ("a.csv", b"text,label\n" + b"a joy\n" * 30, "20 with more or fewer cells"),
        ("a.csv", b"text,label\n" + b"na\xefve,1\n" * 30, "20 not in UTF-8"),
        ("a.csv", b"x" * LIMIT, "does not end within 1 MiB"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_the_reason(name: str, head: bytes, reason: str) -> None:
    assert reason in refused(name, head)
