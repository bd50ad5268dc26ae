"""The directory as a file in a real browser: chosen, refused, seen and saved, with scripts and without; with axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House
from tests.browser.looking import look
from tests.browser.visitor import touch

HEAD = "单元,公司,楼层,姓名,手机号,邮箱,代理人\n"
WRONG = f"{HEAD}1806,,,周九,138,,\n"
RIGHT = f"{HEAD}1806,,18A,周九,13811112222,,张三\n1806,,,张三,13833334444,,\n2203,演示医疗,22,,,,\n"
WORDS = {
    "en": ("Upload", "Save all of it", "Saved: 1 new unit, 1 new host, 2 rows with changes."),
    "zh-CN": ("上传", "全部保存", "已保存：新单元 1 个，新被访人 1 位，有变更 2 行。"),
}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_units_and_hosts_are_uploaded(house: House, tmp_path: Path, language: str, scripts: bool) -> None:
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    wrong.write_text(WRONG, "utf-8")
    right.write_text(RIGHT, "gb18030")
    upload, save, saved = WORDS[language]
    page = house.staff("zhou", language=language, scripts=scripts)
    page.goto("/admin/units")
    touch(page.get_by_role("link", name=upload, exact=True))
    for file, rows in ((wrong, 1), (right, 3)):
        page.locator("[name=table]").set_input_files(file)
        touch(page.locator("main form[enctype] button[data-k=main]"))
        expect(page.locator("main table tbody tr")).to_have_count(rows)
        if scripts:
            assert look(page, page.url, sizes=("tablet", "desktop"), finger=44) == []
    touch(page.get_by_role("button", name=save))
    expect(page.get_by_role("status").first).to_contain_text(saved)
