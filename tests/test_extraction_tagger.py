"""The network of extraction: what it reads, how its answer is decoded, and how it is trained."""

import hashlib
import json
import shutil

import numpy as np
import pytest

from stance.errors import ConfigError, ModelError
from stance.extraction.article import plan_text
from stance.extraction.decode import BEGIN, INSIDE, LABELS, OTHER, QUOTE, SPEAKER, best_path, decode
from stance.extraction.tagger import FOLDER, Tagger, release_tagger, rule_types, words_of
from stance.inference import load

CODES = {".": OTHER, "b": BEGIN, "i": INSIDE, "q": QUOTE, "s": SPEAKER}


def plan_of(text):
    [plan] = plan_text(text)
    return plan


def decoded(text, code):
    """Decode a sentence whose every token has a label by a letter of CODES."""
    plan = plan_of(text)
    assert len(plan.tokens) == len(code)
    scores = np.zeros((len(code), len(LABELS)), dtype=np.float32)
    scores[np.arange(len(code)), [CODES[letter] for letter in code]] = 5
    found = decode(plan, scores)

    def words(span):
        return text[plan.tokens[span[0]].start : plan.tokens[span[1] - 1].end]

    def speaker(subject):
        return words((subject[0], subject[1] + 1)) if subject else None

    clauses = [(tuple(map(words, report.ranges)), speaker(report.subject)) for report in found.reports]
    quotes = [(words((speech.at, speech.at + 1)), speaker(speech.subject)) for speech in found.speeches]
    return clauses, quotes


def test_what_the_rules_say_and_capitals_become_types():
    def types(text):
        plan = plan_of(text)
        return dict(zip(words_of(text, plan.tokens), rule_types(plan), strict=True))

    assert types("Ada Holm said that talks failed.") == {
        **{"Ada": 6, "Holm": 6, "said": 0, "that": 0, "talks": 1, "failed": 1, ".": 0}
    }
    assert types('"No deal today," she added.') == {'"No deal today,"': 3, "she": 2, "added": 0, ".": 0}


def test_of_a_long_quote_both_ends_are_read():
    text = f'"{" ".join(map(str, range(100)))}," Ada Holm said on Friday.'
    first = words_of(text, plan_of(text).tokens)[0]
    assert first.startswith('"0 1 2')
    assert first.endswith('98 99,"')
    assert len(first.split()) == 21


def test_a_clause_never_goes_on_that_has_not_begun():
    scores = np.zeros((3, len(LABELS)), dtype=np.float32)
    scores[:, INSIDE] = 2
    scores[0, OTHER] = 1
    assert best_path(scores).tolist() == [BEGIN, INSIDE, INSIDE]
    scores[:, BEGIN] = -9
    assert best_path(scores).tolist() == [OTHER, OTHER, OTHER]


@pytest.mark.parametrize(
    ("text", "code", "clauses"),
    [
        ("Ada Holm said that talks failed.", "ss..bi.", [(("talks failed",), "Ada Holm")]),
        ("Ada Holm said that talks failed.", "ss.bii.", [(("talks failed",), "Ada Holm")]),
        ("Talks failed, Ada Holm said.", "bi.ss..", [(("Talks failed",), "Ada Holm")]),
        ("Talks, Ada Holm said, had failed.", "b.ss..bi.", [(("Talks", "had failed"), "Ada Holm")]),
        (
            "Talks failed, according to Ada Holm, who said it rained.",
            "bi...ss...bi.",
            [(("Talks failed",), "Ada Holm"), (("it rained",), "Ada Holm")],
        ),
        (
            "Ada Holm said talks failed and Bo Lund urged a vote.",
            "ss.bi.ss.bi.",
            [(("talks failed",), "Ada Holm"), (("a vote",), "Bo Lund")],
        ),
        (
            "Ada Holm said talks failed and urged a vote.",
            "ss.bi..bi.",
            [(("talks failed",), "Ada Holm"), (("a vote",), "Ada Holm")],
        ),
        ("Talks failed and the vote is off.", "........", []),
        ("Days before talks failed, Ada Holm spoke.", "..bi.ss..", []),
        ("Ada Holm met the United Nations General Assembly.", "ss..bi...", []),
        (
            "Ada Holm said that talks failed and that it rained.",
            "ss..bi..bi.",
            [(("talks failed and that it rained",), "Ada Holm")],
        ),
        (
            "Ada Holm said talks failed it rained.",
            "ss.bibi.",
            [(("talks failed",), "Ada Holm"), (("it rained",), "Ada Holm")],
        ),
        (
            "The bank (EBRD) said talks failed (May 3).",
            "sssss.biiiii.",
            [(("talks failed (May 3)",), "The bank (EBRD)")],
        ),
        ("Ada Holm said (talks failed).", "ss..bi..", [(("talks failed",), "Ada Holm")]),
    ],
)
def test_clauses_get_the_speaker_that_stands_next_to_them(text, code, clauses):
    assert decoded(text, code) == (clauses, [])


def test_quotes_are_own_words_or_part_of_a_clause():
    text = 'Ada Holm called the plan "a joke" and left.'
    assert decoded(text, "ss.bii...") == ([(('the plan "a joke"',), "Ada Holm")], [])
    text = '"We go," the wire quoted Ada Holm.'
    assert decoded(text, "q...ss.") == ([], [('"We go,"', "Ada Holm")])


def test_a_clause_without_a_speaker_keeps_that_of_the_rules():
    assert decoded("Ada Holm said that talks failed.", "....bi.") == ([(("talks failed",), "Ada Holm")], [])


def test_a_sentence_too_long_for_the_network_is_left_to_the_rules(tiny_tagger):
    text = "Ada Holm said that " + "very " * 300 + "many came."
    plan = plan_of(text)
    assert plan.reports
    assert Tagger(tiny_tagger).revise(text, [plan]) == [plan]
    assert Tagger(tiny_tagger, alone=True).revise(text, [plan])[0].reports == []
    assert Tagger(tiny_tagger).revise("", []) == []


@pytest.fixture(scope="module")
def tiny_tagger(tiny_encoder, tmp_path_factory):
    """A network trained for a moment on two articles."""
    from stance.training.extraction import main

    folder = tmp_path_factory.mktemp("tagger")
    config = folder / "tiny.yaml"
    config.write_text(f"name: tiny\nencoder: {tiny_encoder}\nlayers: 1\nvocabulary: 1000\nlimit: 2\nepochs: 1\n")
    main([str(config), "--output", str(folder / "model")])
    return folder / "model"


def test_training_writes_a_folder_that_extracts(tiny_tagger, tiny_encoder, capsys):
    from stance.training.extraction import main

    manifest = json.loads((tiny_tagger / "stance.json").read_text())
    assert (manifest["kind"], tuple(manifest["tags"])) == ("extraction", LABELS)
    assert manifest["config"]["limit"] == 2
    assert {"dev", "dev_rules_only"} == set(manifest["figures"])
    assert "| rules alone | " in (tiny_tagger / "README.md").read_text()
    vocabulary = json.loads((tiny_tagger / "tokenizer.json").read_text())["model"]["vocab"]
    assert sorted(vocabulary.values()) == list(range(len(vocabulary)))
    assert len(vocabulary) < 2000
    (tiny_tagger.parent / "other").mkdir()
    with pytest.raises(ConfigError, match="holds no network of extraction"):
        main([str(tiny_tagger.parent / "tiny.yaml"), "--output", str(tiny_tagger.parent / "other")])
    (tiny_tagger.parent / "other" / "stance.json").write_text((FOLDER.parent / "default" / "stance.json").read_text())
    with pytest.raises(ConfigError, match="holds no network of extraction"):
        main([str(tiny_tagger.parent / "tiny.yaml"), "--output", str(tiny_tagger.parent / "other")])
    narrow = tiny_tagger.parent / "narrow"
    shutil.copytree(tiny_encoder, narrow)
    settings = json.loads((narrow / "config.json").read_text())
    (narrow / "config.json").write_text(json.dumps({**settings, "max_position_embeddings": 64}))
    with pytest.raises(ConfigError, match="narrow is no BERT that reads 160 word pieces"):
        main([str(tiny_tagger.parent / "tiny.yaml"), f"encoder={narrow}", "--output", str(tiny_tagger.parent / "x")])
    with pytest.raises(ConfigError, match=r"unknown key 'layer'; did you mean 'layers'"):
        main([str(tiny_tagger.parent / "tiny.yaml"), "layer=2"])


def test_labels_follow_the_marks():
    pytest.importorskip("torch")
    from stance.training.extraction_data import labels_of

    text = 'Ada Holm said that talks failed, and "No," she added.'
    item = {
        "statements": [
            {"kind": "indirect", "spans": [[19, 31]], "speaker_span": [0, 8]},
            {"kind": "direct", "spans": [[38, 41]], "speaker_span": [43, 46]},
        ]
    }
    letters = {number: letter for letter, number in CODES.items()}
    assert "".join(letters[label] for label in labels_of(item, plan_of(text))) == "ss..bi..qs.."


def test_the_release_network_is_whole_and_small():
    tagger = release_tagger()
    assert tagger is not None
    assert tagger.name.startswith("extraction@")
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 13_000_000
    assert (FOLDER / "model.onnx").stat().st_size <= 12_000_000


def test_a_folder_of_another_kind_or_a_damaged_one_is_refused(tiny_tagger, tiny_onnx, tmp_path):
    with pytest.raises(ModelError, match="not one that extracts"):
        Tagger(tiny_onnx)
    with pytest.raises(ModelError, match="gives no tags"):
        load(tiny_tagger)
    shutil.copytree(tiny_tagger, tmp_path / "copy")
    manifest = json.loads((tmp_path / "copy" / "stance.json").read_text())
    (tmp_path / "copy" / "stance.json").write_text(json.dumps({**manifest, "tags": [*LABELS[:4], "voice"]}))
    with pytest.raises(ModelError, match="has other labels"):
        Tagger(tmp_path / "copy")
    (tmp_path / "copy" / "tokenizer.json").write_text("{}")
    (tmp_path / "copy" / "stance.json").write_text(
        json.dumps({**manifest, "files": {**manifest["files"], "tokenizer.json": hashlib.sha256(b"{}").hexdigest()}})
    )
    with pytest.raises(ModelError, match="cannot read the network"):
        Tagger(tmp_path / "copy")
    shutil.copyfile(tiny_tagger / "stance.json", tmp_path / "copy" / "stance.json")
    (tmp_path / "copy" / "model.onnx").write_bytes(b"x")
    with pytest.raises(ModelError, match="does not match its hash"):
        Tagger(tmp_path / "copy")
