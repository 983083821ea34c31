"""The page in a real browser, from disk; the divider's first step is known by hand."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from logicsim.board import Board, load
from logicsim.core.errors import OutputError
from logicsim.event.simulation import Simulation
from logicsim.faults import inject, parse_all
from logicsim.figures.page.page import drawing_library, write_page
from logicsim.figures.page.recorder import PageRecorder
from logicsim.training.run import Waveform, plan, run
from logicsim.waveforms.vcd import read_vcd

_CHROMIUM = shutil.which("chromium")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
          "--disable-background-networking", "--disable-component-update"]  # fmt: skip
_HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)>&{{ 7*7 }}"

in_a_browser = pytest.mark.skipif(_CHROMIUM is None, reason="no Chromium is installed")


def write(board: Board, path: Path, **waveform: Any) -> None:
    kept = PageRecorder()
    chosen = plan(board, steps=12)
    recorded = Waveform(window=(1, 1), also=kept.open, **waveform)
    result = run(board, chosen, seed=3, waveform=recorded, on_steps=kept.add)
    write_page(
        path, board, result, kept.steps, kept.waveform, f"logicsim run {board.name} --seed 3"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    write(load("divider"), folder / "page.html", vcd=folder / "wave.vcd")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@contextmanager
def visit(browser: Browser, path: Path, width: int = 1200, scheme: Any = "light") -> Iterator[Page]:
    """A page opened from disk, that neither complains nor asks for anything until the end."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector("#wave .xtick")
    yield page
    asked = [text for text in complaints if text != path.as_uri() and not text.startswith("data:")]
    assert asked == []
    page.close()


def shown(page: Page) -> tuple[float, float]:
    low, high = page.evaluate("document.getElementById('wave').layout.xaxis.range")
    return float(low), float(high)


@in_a_browser
def test_it_opens_on_the_latch_before_the_step(browser: Browser, folder: Path) -> None:
    trace = read_vcd(folder / "wave.vcd")
    fall = {name: next(int(t) for t, v in zip(h.times, h.values, strict=True)
                       if v == "0" and t > h.times[0])
            for name in ("cs", "clk") for h in [trace[f"clock.{name}"]]}  # fmt: skip
    apart = (fall["clk"] - fall["cs"]) / 1e9
    with visit(browser, folder / "page.html") as page:
        assert f"= {apart:.4g} ms" in page.inner_text("#measured")
        low, high = shown(page)
        assert low < 0 < apart / 1e3 < high


@in_a_browser
def test_cursors_walk_from_change_to_change_by_keyboard(browser: Browser, folder: Path) -> None:
    trace = read_vcd(folder / "wave.vcd")
    clock = trace["clock.clk"]
    fall = next(int(t) for t, v in zip(clock.times, clock.values, strict=True)
                if v == "0" and t > clock.times[0])  # fmt: skip
    code = trace["edge1.code_free"].times
    delay = int(code[code > fall][0]) - fall
    with visit(browser, folder / "page.html") as page:
        page.click("#jumps >> text=CLK falls")
        page.focus("#wave")
        page.keyboard.press("b")
        page.keyboard.press("ArrowRight")
        assert f"B {delay / 1e3:g} ns" in page.inner_text("#measured")
        low, high = shown(page)
        page.keyboard.press("+")
        nearer = shown(page)
        assert nearer[1] - nearer[0] == pytest.approx((high - low) / 2)
        page.keyboard.press("ArrowLeft")
        assert "B 0 ps" in page.inner_text("#measured")


@in_a_browser
def test_wheel_zooms_and_drag_pans(browser: Browser, folder: Path) -> None:
    with visit(browser, folder / "page.html") as page:
        box = page.locator("#wave .nsewdrag").first.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        low, high = shown(page)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 100, y, steps=4)
        page.mouse.up()
        page.wait_for_function(
            f"document.getElementById('wave').layout.xaxis.range[0] > {low}", timeout=5000
        )
        moved = shown(page)
        assert moved[1] - moved[0] == pytest.approx(high - low)
        page.mouse.move(x, y)
        page.mouse.wheel(0, -200)
        page.wait_for_function(
            "(w) => { const r = document.getElementById('wave').layout.xaxis.range;"
            "return r[1] - r[0] < w; }", arg=(high - low) * 0.99, timeout=5000,
        )  # fmt: skip


@in_a_browser
def test_the_slider_colours_the_network_by_its_codes(browser: Browser, folder: Path) -> None:
    with visit(browser, folder / "page.html") as page:
        page.focus("#slider")
        page.keyboard.press("Home")
        title = page.locator("#network line title").first
        initial = Simulation(load("divider"), 3).codes()[0][0]
        first = title.text_content() or ""
        page.keyboard.press("End")
        last = title.text_content() or ""
        assert page.inner_text("#at").startswith("48,")
        assert first.startswith("edge 1: code ")
        assert initial == 64
        assert "code 64," in first
        assert first != last


@in_a_browser
def test_a_recording_of_several_steps_is_walked_step_by_step(
    browser: Browser, tmp_path: Path
) -> None:
    kept, board = PageRecorder(), load("twin16")
    recorded = Waveform(tmp_path / "w.vcd", window=(4, 6), also=kept.open)
    result = run(board, plan(board, ["iv"], 8), seed=3, engine="vector", waveform=recorded,
                 on_steps=kept.add)  # fmt: skip
    write_page(
        tmp_path / "page.html", board, result, kept.steps, kept.waveform, "logicsim run twin16"
    )
    clock = read_vcd(tmp_path / "w.vcd")["clock.clk"]
    found = [t for t, v in zip(clock.times.tolist(), clock.values, strict=True) if v == "0"]
    assert len(found) == 3
    with visit(browser, tmp_path / "page.html") as page:
        for number in (4, 5, 6, 6):
            assert page.inner_text("#story").startswith(f"Step {number}. At the fall of cs")
            page.click("#jumps >> text=CLK falls")
            page.click("#jumps >> text=step ▶")
        page.click("#jumps >> text=whole recording")
        assert page.evaluate("document.getElementById('wave').layout.shapes.length") == 3 * 2 + 2


@in_a_browser
def test_another_circuit_shows_its_own_nets_and_moments(browser: Browser, tmp_path: Path) -> None:
    circuit = Path(__file__).parents[1] / "circuits" / "nand.toml"
    board = load("divider", {"edge.circuit": str(circuit), "clock.circuit": "pulse"})
    write(board, tmp_path / "page.html", vcd=tmp_path / "w.vcd", probes=["clock.*", "edge2.*"])
    trace = read_vcd(tmp_path / "w.vcd")
    rise, fall = (
        next(int(t) for t, v in zip(trace[net].times, trace[net].values, strict=True)
             if v == level and t > trace[net].times[0])
        for net, level in (("edge2.latch", "1"), ("clock.clk", "0"))
    )  # fmt: skip
    with visit(browser, tmp_path / "page.html") as page:
        assert page.input_value("#edge") == "2"
        rows = page.evaluate("document.getElementById('wave').layout.yaxis.ticktext")
        assert rows == [
            "trigger", "clk", "cs", "comparator a", "comparator b", "decision up", "latch",
            "latched ud", "code free", "code clamped", "drop free", "drop clamped",
        ]  # fmt: skip
        told = page.inner_text("#story")
        assert told.startswith("At the rise of latch the latch takes what")
        assert f"{(fall - rise) / 1e9:.4g} ms later, at the fall of clk" in told
        page.click("#jumps >> text=latch rises")
        assert page.evaluate("document.getElementById('wave').layout.shapes.length") == 2 + 2


@in_a_browser
def test_a_page_says_where_nothing_holds_the_decision(browser: Browser, tmp_path: Path) -> None:
    write(load("divider", {"edge.circuit": "unlatched"}), tmp_path / "page.html")
    with visit(browser, tmp_path / "page.html") as page:
        assert "no latch holds the decision" in page.inner_text("#story")


@in_a_browser
def test_the_codes_of_either_network_are_shown_and_how_far_they_are_apart(
    browser: Browser, tmp_path: Path
) -> None:
    board = load("twin16", {"parts.digipot.tolerance": 0.1})
    kept = PageRecorder()
    netlist = inject(
        board.netlist(3), parse_all("stuck-at-1:edge5.digipot_free.ud", board), board, 3
    )
    result = run(board, plan(board, ["iv"], 30), seed=3, netlist=netlist, on_steps=kept.add,
                 waveform=Waveform(window=(1, 1), also=kept.open))  # fmt: skip
    write_page(
        tmp_path / "page.html", board, result, kept.steps, kept.waveform, "logicsim run twin16"
    )
    free, clamped = kept.steps[-1][1].codes_free, kept.steps[-1][1].codes_clamped
    apart = [a - b for a, b in zip(free, clamped, strict=True)]
    want = {"free": list(free), "clamped": list(clamped), "apart": apart}
    assert apart[4] > 0
    with visit(browser, tmp_path / "page.html") as page:
        for side, codes in want.items():
            page.select_option("#side", side)
            shown = page.evaluate("document.getElementById('codes').data[0].z.map(r => r.at(-1))")
            assert shown == codes


@in_a_browser
def test_a_finger_puts_cursors_and_moves_the_slider(browser: Browser, folder: Path) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto((folder / "page.html").as_uri())
    page.wait_for_selector("#wave .xtick")
    page.locator("#cursor-b").tap()
    before = page.inner_text("#measured")
    page.locator("#earlier").tap()
    assert page.inner_text("#measured") != before
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("#slider").tap(position={"x": 2, "y": 8})
    assert page.inner_text("#at").startswith("1,")
    context.close()


@in_a_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_screen_needs_no_sideways_scroll(
    browser: Browser, folder: Path, scheme: str
) -> None:
    with visit(browser, folder / "page.html", width=360, scheme=scheme) as page:
        page.click("summary")
        assert page.evaluate("document.documentElement.scrollWidth") == 360


@in_a_browser
def test_a_title_stays_text(browser: Browser, tmp_path: Path) -> None:
    board = load("divider")
    tasks = [board.tasks[0].model_copy(update={"name": _HOSTILE})]
    hostile = board.model_copy(update={"title": _HOSTILE, "tasks": tasks})
    write(hostile, tmp_path / "page.html")
    with visit(browser, tmp_path / "page.html") as page:
        assert page.inner_text("h1") == _HOSTILE
        assert page.title() == _HOSTILE
        assert page.locator("img").count() == 0
        assert page.inner_text("#at").endswith(_HOSTILE)


def test_a_page_is_small(folder: Path) -> None:
    assert (folder / "page.html").stat().st_size < 5e6


def test_without_the_library_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    with pytest.raises(OutputError, match=r"pip install 'logicsim\[html\]'"):
        drawing_library()
