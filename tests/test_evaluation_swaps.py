import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from stance.datasets import LabelledStatement
from stance.evaluation.swaps import surname_of, swap, swap_groups, swap_report
from stance.inference import load

SCRIPT = Path(__file__).parents[1] / "scripts" / "evaluate_behaviour.py"


class To(random.Random):
    """Chance that always chooses these countries, in the order of the codes replaced."""

    def __init__(self, *codes):
        super().__init__(0)
        self.codes = codes

    def sample(self, population, k):
        return list(self.codes[:k])


@pytest.mark.parametrize(
    ("text", "codes", "expected"),
    [
        ("Russia's envoy said Russians would stay.", ("KEN",), "Kenya's envoy said Kenyans would stay."),
        ("The sanctions on Iran and on the United States", ("PER", "CHL"), "The sanctions on Peru and on Chile"),
        ("US sanctions hurt a Mexican firm.", ("PER", "KEN"), "Kenya sanctions hurt a Peruvian firm."),
        ("In Moscow an Iranian spoke.", ("NOR", "CAN"), "In Ottawa a Norwegian spoke."),
        ("the North Korean bank", ("ITA",), "the Italian bank"),
        ("the Myanmar generals' money", ("ITA",), "Italy generals' money"),
        ("The United States rejects them.", ("KEN",), "Kenya rejects them."),
        ("the Russian Federation opposes", ("KEN",), "Kenya opposes"),
        ("RUSSIA will not yield", ("KEN",), "Kenya will not yield"),
        ("The Swiss government", ("KEN",), "The Kenyan government"),
        ("the Philippines' right", ("KEN",), "Kenya's right"),
        ("the Russians' claim", ("KEN",), "Kenya's claim"),
    ],
)
def test_a_country_becomes_another_everywhere(text, codes, expected):
    assert swap(LabelledStatement("a", text), To(*codes)).text == expected


def test_text_and_context_are_changed_alike_and_the_speaker_too():
    record = LabelledStatement("a", "Syria, Ms Smithson said, is bleeding.", context="Syria", speaker="Ann Smithson")
    swapped = swap(record, To("MLI"))
    assert swapped.context == "Mali"
    assert swapped.text.startswith("Mali, Ms ")
    assert "Smithson" not in swapped.text
    assert (swapped.id, swapped.tags) == (record.id, record.tags)


@pytest.mark.parametrize(
    ("speaker", "surname"),
    [
        ("Ann Smithson", "Smithson"),
        ("Mr. Sullivan", "Sullivan"),
        ("The White House", ""),
        ("President of Iran", ""),
        ("European Union", ""),
        ("Wang Yi, Foreign Minister", ""),
        ("North Korea", ""),
        ("Foreign Ministry", ""),
    ],
)
def test_only_surnames_are_swapped(speaker, surname):
    assert surname_of(speaker) == surname


def test_what_names_nobody_is_left():
    record = LabelledStatement("a", "Lift the sanctions.")
    assert swap(record, random.Random(0)) is None


def test_a_model_that_reads_countries_is_found_out():
    class Partial:
        def predict(self, texts, contexts):
            return [("pro_sanctions",) if "Iran" in text else () for text in texts]

    records = [LabelledStatement("i", "Iran spoke."), LabelledStatement("m", "The envoy of Mali spoke.")]
    groups = swap_groups(records, seed=3)
    assert [len(group) for group in groups] == [5, 5]
    report = swap_report(Partial(), groups)
    assert report.consistent.value == 0.5
    assert [identity for identity, *_ in report.changed] == ["i"]


def test_the_script_prints_the_share(tiny_onnx):
    def run(*arguments):
        command = [sys.executable, str(SCRIPT), *arguments]
        environment = {**os.environ, "PYTHONPATH": str(SCRIPT.parents[1])}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    done = run(str(tiny_onnx), "starter", "--groups", "3")
    assert "of 3 groups (15 statements)" in done.stdout
    assert done.stdout.startswith(f"{load(tiny_onnx).name}: the same tags in ")
    assert "negation flips what it should in " in done.stdout
    done = run(str(tiny_onnx), "starter", "--swaps", "0")
    assert (done.returncode, "0 is less than 1" in done.stderr) == (2, True)
    done = run("nowhere", "starter")
    assert (done.returncode, done.stderr[:15]) == (2, "stance: error: ")
