"""`fastcart flags` tells what every flag means, who said so, and what can't be read."""

from pathlib import Path

from ports.flags import Flag
from tests.cli.conftest import Run


def test_it_lists_every_flag_with_who_said_it(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "flags.toml"
    file.write_text('usps = "off"\n[payment_provider]\n[[payment_provider.rules]]\nshares = { adyen = 5 }\n')
    said = run("flags", FASTCART_FLAGS_FILE=str(file), FASTCART_FLAG_UPS="no")
    assert said.code == 0
    rows = {line.split()[0]: line for line in said.out.splitlines()[1:]}
    assert list(rows) == [flag.key for flag in Flag]
    assert rows["usps"].split()[1:3] == ["off", "file"]
    assert rows["ups"].split()[1:3] == ["off", "environment"]
    assert rows["fedex"].split()[1:3] == ["on", "default"]
    assert "stripe, others by rule" in rows["payment_provider"]
    assert all(flag.decides in rows[flag.key] for flag in Flag)


def test_what_cannot_be_read_is_told_and_fails(run: Run, tmp_path: Path) -> None:
    said = run("flags", FASTCART_FLAG_UPS="maybe", FASTCART_FLAGS_FILE=str(tmp_path / "none"))
    assert said.code == 1
    assert "environment: ups: it must be one of on, off" in said.told
    assert "the file is not there" in said.told
    assert "maybe" not in said.told
    assert len(said.out.splitlines()) == 1 + len(Flag)
