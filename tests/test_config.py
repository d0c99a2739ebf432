import pytest

from stance.errors import ConfigError
from stance.training.config import Config, load_config


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text("name: mine\noptim:\n  epochs: 3\n")
    return path


@pytest.mark.parametrize(
    ("file", "name"),
    [*((name, name) for name in ("baseline", "quickstart", "small", "base")), ("distill", "distilled")],
)
def test_the_shipped_recipes_load_and_survive_a_round_trip(file, name):
    config = load_config(f"configs/{file}.yaml")
    assert config.name == name
    assert Config.model_validate(config.model_dump(mode="json")) == config


def test_overrides_reach_nested_keys(recipe):
    config = load_config(recipe, ["optim.epochs=5", "data.labels=[a.jsonl]", "seed=7", "encoder.name=x"])
    assert (config.optim.epochs, config.data.labels, config.seed, config.encoder.name) == (5, ("a.jsonl",), 7, "x")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("optim.epoch=3", "unknown key 'optim.epoch'; did you mean 'optim.epochs'"),
        ("optin.epochs=3", "unknown key 'optin'; did you mean 'optim'"),
        ("zzz=3", "unknown key 'zzz'; known here: data,"),
        ("optim.epochs=many", "optim.epochs: .*number.*many"),
        ("optim.epochs=-1", "optim.epochs: .*greater than 0"),
        ("kind=forest", "kind: .*encoder"),
        ("seed", "write key=value"),
        ("name.first=x", "treats 'name' as a section"),
        ("seed=[", "not valid YAML"),
    ],
)
def test_a_wrong_override_names_what_is_right(recipe, override, message):
    with pytest.raises(ConfigError, match=message):
        load_config(recipe, [override])


def test_a_missing_or_broken_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match="cannot read the config"):
        load_config(tmp_path / "none.yaml")
    (tmp_path / "list.yaml").write_text("- a\n")
    with pytest.raises(ConfigError, match="holds no keys"):
        load_config(tmp_path / "list.yaml")
    (tmp_path / "broken.yaml").write_text("a: [\n")
    with pytest.raises(ConfigError, match="not valid YAML"):
        load_config(tmp_path / "broken.yaml")
