from pathlib import Path

import pytest

from logicsim.board import load as load_board
from logicsim.campaign import load, run
from logicsim.campaign.expansion import expand
from logicsim.campaign.file import shipped
from logicsim.core.errors import CampaignError
from logicsim.faults import universe
from tests.campaign.campaigns import SMALL, written


@pytest.mark.parametrize(
    ("change", "to", "words"),
    [
        ("steps = 12", "step = 12", ["unknown key 'step'", "'steps'"]),
        ('board = "divider"', "", ["board: this key is required"]),
        ('board = "divider"', 'board = "devider"', ["'devider'", "'divider'"]),
        ('board = "divider"', 'board = "no.toml"', ["no.toml", "No such file"]),
        ('"1 V"', '"10 V"', ["no task '10 V'", "'1 V'"]),
        ("seeds = 2", "seeds = 0", ["seeds"]),
        ("seeds = 2", "seeds = [3, 3]", ["seeds: '3' is given twice"]),
        ("steps = 12", "steps = 0", ["steps: 0"]),
        ("steps = 12", 'engine = "evnt"', ["engine"]),
        ("steps = 12", "steps = 12\nonset = 13", ["onset", "13", "'3.75 V'", "12 steps"]),
        ("'cut:edge1@4-6'", '"cut:edge1@13-15"', ["'cut:edge1@13-15'", "past the end", "12"]),
        ("'cut:edge1@4-6'", '"cut:edge7"', ["cut has no site 'edge7'", "'edge2'"]),
        ("'cut:edge1@4-6'", '"cutt:edge1"', ["no kind of fault 'cutt'", "'cut'"]),
        ("'cut:edge1@4-6'", '"cut:edge7*"', ["no fault is called 'cut:edge7*'", "'cut:edge"]),
        ("'cut:edge1@4-6'", '"flip:*"', ["'flip:*' names only faults", "add [sample]"]),
        ("'cut:edge1@4-6'", '"stuck-at-0:edge1.a + stuck-at-1:edge1.a"', ["contradict"]),
        ("seeds = 2", "seeds = 2\nsample = { margin = 2 }", ["sample.margin: 2"]),
        ("seeds = 2", "seeds = 2\nonset = 3\nsample = {}", ["onset", "[sample]"]),
        ("seeds = 2", "seeds = 2\nverdict = { factor = 0.5 }", ["verdict.factor: 0.5"]),
        ("seeds = 2", "seeds = 2\nsettings = { clok = 3 }", ["unknown key 'clok'", "'clock'"]),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_a_line(
    tmp_path: Path, change: str, to: str, words: list[str]
) -> None:
    assert change in SMALL
    path = written(tmp_path, SMALL.replace(change, to))
    with pytest.raises(CampaignError) as told:
        run(load(path), tmp_path)
    assert [word for word in words if word not in str(told.value)] == [], told.value
    assert not (tmp_path / "campaign.sqlite").exists()


def test_what_is_not_a_campaign_is_told(tmp_path: Path) -> None:
    for path, words in (("nowhere.toml", "No such file"), ("damagee", "'damage'")):
        with pytest.raises(CampaignError, match=words):
            load(path if path == "damagee" else tmp_path / path)
    with pytest.raises(CampaignError, match="the file is empty; a campaign needs a board"):
        load(written(tmp_path, ""))
    with pytest.raises(CampaignError, match="not valid TOML"):
        load(written(tmp_path, "board = "))


def test_a_board_is_found_beside_its_campaign(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        'name = "own"\nnetwork = { nodes = 3, edges = [[1, 2], [2, 3]] }\n'
        '[[tasks]]\nname = "t"\nkind = "allostery"\ninputs = { 1 = 5, 3 = 0 }\noutputs = { 2 = 1 }'
    )
    assert load(written(tmp_path, 'board = "own.toml"')).board.name == "own"


def test_the_shipped_campaigns_are_sound_and_no_boards() -> None:
    assert {"twin16", "damage"} <= set(shipped())
    for name in shipped():
        loaded = load(name)
        assert len(expand(loaded.campaign, loaded.board)) > 5
    assert load_board("twin16").name == "twin16"


def test_all_means_every_permanent_fault_that_may_be_seen(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, 'board = "divider"\ntask = "1 V"\nseeds = 1'))
    expansion = expand(loaded.campaign, loaded.board)
    board = load_board("divider")
    known = universe(board, board.task("1 V")[1])
    assert len(expansion.listings) == sum(each.permanent for each in known)
    assert [row.fault for row in expansion.rounds[0]] == [
        each.fault.name for each in known if each.permanent and not each.undetectable
    ]


def test_a_glob_finds_a_fault_by_the_name_of_an_equivalent(tmp_path: Path) -> None:
    board = load_board("divider")
    each = next(each for each in universe(board) if each.represents and each.permanent)
    text = f'board = "divider"\nfaults = ["{each.represents[0][:-1]}?"]'
    loaded = load(written(tmp_path, text))
    assert each.fault.name in {e.name for e in expand(loaded.campaign, loaded.board).listings}


def test_an_onset_is_for_faults_that_do_not_say_when(tmp_path: Path) -> None:
    text = ('board = "divider"\ntask = "1 V"\nseeds = 1\nonset = 7\n'
            'faults = ["cut:edge1 + stuck-at-0:edge2.ud@3-9", "cut:edge2"]')  # fmt: skip
    loaded = load(written(tmp_path, text))
    rows = expand(loaded.campaign, loaded.board).rounds[0]
    assert [(row.fault, row.onset, row.listed) for row in rows] == [
        ("cut:edge1@7 + stuck-at-0:edge2.ud@3-9", 3, "cut:edge1 + stuck-at-0:edge2.ud@3-9"),
        ("cut:edge2@7", 7, "cut:edge2"),
    ]
