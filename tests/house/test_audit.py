"""What `make check` says of known vulnerabilities; the network is not asked."""

import pytest

from scripts import audit

BAD = {"name": "leaky", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
GOOD = {"name": "sound", "version": "2.0", "vulns": []}
UNKNOWN = {"name": "unheard", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("report", "code", "says"),
    [
        ({"dependencies": [GOOD, BAD]}, 1, "leaky 1.0: PYSEC-1, mended in 1.1"),
        ({"dependencies": [GOOD, UNKNOWN]}, 0, "nothing is known against the 2 entries"),
        ({"dependencies": [UNKNOWN]}, 0, "gave no answer"),
        (None, 0, "gave no answer"),
    ],
)
def test_a_known_vulnerability_fails_and_a_silent_network_does_not(monkeypatch, capsys, report, code, says) -> None:
    monkeypatch.setattr(audit, "ready", lambda: True)
    monkeypatch.setattr(audit, "ask", lambda lock: report)
    assert audit.main() == code
    assert says in capsys.readouterr().out


def test_without_the_program_nothing_fails(monkeypatch, capsys) -> None:
    monkeypatch.setattr(audit, "ready", lambda: False)
    assert audit.main() == 0
    assert "gave no answer" in capsys.readouterr().out
