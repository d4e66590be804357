import re
from hashlib import sha256

import pytest
from typer.testing import CliRunner

from headrace import apikeys
from headrace.apikeys import Key, KeysMalformed
from headrace.cli.main import app

ONE, TWO = (sha256(text).hexdigest() for text in (b"one", b"two"))


def test_keys_stand_one_a_line_or_between_commas() -> None:
    text = f"shop:{ONE}\r\n\n  mobile.app : {TWO.upper()} : 2.5 , batch:{sha256(b'3').hexdigest()}:10:40,\n"
    assert apikeys.parse(text) == (
        Key("shop", bytes.fromhex(ONE), 0.0, 1),
        Key("mobile.app", bytes.fromhex(TWO), 2.5, 3),
        Key("batch", sha256(b"3").digest(), 10.0, 40),
    )


def test_no_text_is_no_keys() -> None:
    assert apikeys.parse(" \n") == ()


def test_a_name_may_have_two_keys_while_one_replaces_the_other() -> None:
    assert [key.name for key in apikeys.parse(f"shop:{ONE},shop:{TWO}")] == ["shop", "shop"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ONE, "entry 1 ('.{4}' and more) has 1 parts; it is to be name:sha256-hex"),
        (f"shop:{ONE}\nmobile:{TWO}:1:2:3", "entry 2 ('mobi' and more) has 5 parts"),
        (f":{ONE}", "entry 1 has the name ''; it has 1 to 40 letters"),
        (f"{ONE}:shop", "entry 1 has the name '.{4}' and more; it has 1 to 40 letters"),
        (f"my shop:{ONE}", "entry 1 has the name 'my s' and more"),
        (
            f"shop:{ONE[:63]}",
            "entry 1 (shop) has a hash of 63 characters, '.{4}' and more; a SHA-256 has 64 hex digits",
        ),
        (f"shop:{ONE[:63]}g", "entry 1 (shop) has a hash of 64 characters, '.{4}' and more; a SHA-256"),
        ("shop:", "entry 1 (shop) has a hash of 0 characters"),
        ("shop:headrace_abcdefghijkl", "entry 1 (shop) holds a key itself; store its SHA-256"),
        (f"shop:{ONE}:often", "entry 1 (shop) has the rate 'ofte' and more; it is a number above 0"),
        (f"shop:{ONE}:0", "entry 1 (shop) has the rate '0'"),
        (f"shop:{ONE}:-1", "entry 1 (shop) has the rate '-1'"),
        (f"shop:{ONE}:nan", "entry 1 (shop) has the rate 'nan'"),
        (f"shop:{ONE}:", "entry 1 (shop) has the rate ''"),
        (f"shop:{ONE}:5:0", "entry 1 (shop) has the burst '0'; it is a whole number of at least 1"),
        (f"shop:{ONE}:5:1.5", "entry 1 (shop) has the burst '1.5'"),
        (f"shop:{ONE},other:{ONE}", "entry 2 has a hash that an entry before it has"),
    ],
)
def test_a_malformed_entry_is_named_and_never_shown_whole(text: str, words: str) -> None:
    with pytest.raises(KeysMalformed) as found:
        apikeys.parse(text)
    said = str(found.value)
    assert said.startswith("HEADRACE_API_KEYS: ")
    assert said.endswith("`headrace key new NAME` prints lines as they must be")
    assert re.search(re.escape(words).replace(re.escape(".{4}"), ".{4}"), said), said
    assert not re.search("[0-9a-f]{8}", said)


def test_a_fresh_key_is_another_each_time_and_its_line_lets_it_in() -> None:
    keys = {apikeys.fresh() for _ in range(100)}
    assert len(keys) == 100
    for key in keys:
        (read,) = apikeys.parse(apikeys.entry("shop", key, rate=0.5, burst=3))
        assert read == Key("shop", apikeys.digest(key.encode()), 0.5, 3)
        assert key not in apikeys.entry("shop", key)


def test_the_command_prints_a_key_and_the_line_to_store() -> None:
    done = CliRunner().invoke(app, ["key", "new", "shop", "--rate", "2"])
    assert done.exit_code == 0, done.output
    key, line = (re.search(rf"^{name}: +(\S+)$", done.output, re.M) for name in ("key", "line"))
    assert key
    assert line
    assert apikeys.parse(line[1]) == (Key("shop", sha256(key[1].encode()).digest(), 2.0, 2),)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["my shop"], "'my shop' is no name for a key"), (["shop", "--burst", "3"], "needs a rate")],
)
def test_the_command_refuses_what_it_could_not_read_back(arguments: list[str], words: str) -> None:
    done = CliRunner().invoke(app, ["key", "new", *arguments])
    assert (done.exit_code, words in " ".join(done.output.split())) == (1, True)
