from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.sentiment.tokenizer import EMAIL, NUMBER, URL, USER, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A GREAT film", "a great film"),
        ("it isn't, is it?", "it is n't , is it ?"),
        ("it is n't , is it ?", "it is n't , is it ?"),
        ("it's what I'd say we'll see", "it 's what i 'd say we 'll see"),
        ("it 's what i 'd say", "it 's what i 'd say"),
        ("I couldn’t’ve", "i could n't 've"),
        ("rock'n'roll o'clock", "rock'n'roll o'clock"),
        ("the 'best' one", "the ' best ' one"),
        ("well-made", "well - made"),
        ("“quoted” … text", '" quoted " ... text'),
        ("see https://t.co/a?b=c#d or www.a.org now", f"see {URL} or {URL} now"),
        ("ask a.b+c@d-e.org", f"ask {EMAIL}"),
        ("@some_one says", f"{USER} says"),
        ("#worst day", "# worst day"),
        ("10/10, 4.5 stars", "10/10 , 4.5 stars"),
        ("in 1999, 1,234.5 at 10:30:00", f"in {NUMBER} , {NUMBER} at {NUMBER}"),
        ("the 80s in 3d", "the 80s in 3d"),
        ("soooooo gooood!!!!!!!", "sooo goood !!!"),
        ("snake_case", "snake _ case"),
    ],
)
def test_text_is_parted_into_lower_case_words(text: str, found: str) -> None:
    assert list(words(text)) == found.split()


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (":-)", ":)"), ("=)", ":)"), (":]", ":)"), ("(:", ":)"), (":o)", ":)"), ("great:)", ":)"),
        (":-(", ":("), (":'(", ":("), ("):", ":("), (";-)", ";)"), (":D", ":d"), (":-P", ":p"), (":\\", ":/"),
        ("<3", "<3"), ("<333", "<3"), ("</3", "<3"),
    ],
)  # fmt: skip
def test_an_emoticon_loses_its_nose(written: str, plain: str) -> None:
    assert list(words(f"well {written} yes")) == ["well", *(["great"] if "great" in written else []), plain, "yes"]


@pytest.mark.parametrize("text", ["at 10:(", "c:/windows", "a ratio of 3:4)", "title:pop", "(see below)", "x = d"])
def test_what_is_no_emoticon_is_none(text: str) -> None:
    assert not {":(", ":/", ":)", ":p", ":d"} & set(words(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Это не очень хорошо!", "это не очень хорошо !"),
        ("أحب هذا الفيلم، حقا؟", "أحب هذا الفيلم ، حقا ؟"),
        ("यह फ़िल्म अच्छी है।", "यह फ़िल्म अच्छी है ।"),
        ("좋은 영화", "좋은 영화"),
        ("很好。", "很 好 。"),
        ("とても", "と て も"),
        ("Ｇｏｏｄ！", "good !"),
        ("cafe\u0301", "café"),
        ("\u201cna\u00efve\u201d", '" naïve "'),
        ("ok 👍🏽👍🏿 ❤️", "ok 👍👍 ❤"),
        ("im\u00adpos\u200bsible", "impossible"),
    ],
)
def test_other_scripts_and_signs_are_read_too(text: str, found: str) -> None:
    assert list(words(text)) == found.split()


@pytest.mark.parametrize("text", ["", "   ", "\n\t\r", "\u200b\ufeff", "\x00\x1f"])
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    assert list(words(text)) == []


@given(st.text(max_size=200))
def test_words_have_no_spaces_and_are_found_again_in_themselves(text: str) -> None:
    found = list(words(text))
    assert all(word and not any(map(str.isspace, word)) for word in found)
    assert bool(found) or not any(character.isalnum() for character in text)


@pytest.mark.parametrize(
    "text",
    [
        "'" * 9,
        "a'" * 9,
        "a's" * 9,
        "a" + "'s" * 9,
        "a",
        ":",
        "a@",
        "a.",
        "1.",
        "(",
        "http",
        "😂",
        "a\u0300\u0316",
        "\u0316\u0300",
    ],
)
def test_no_text_takes_long(text: str) -> None:
    started = perf_counter()
    assert all(words(text * 100_000))
    assert perf_counter() - started < 2
