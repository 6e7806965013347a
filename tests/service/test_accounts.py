"""What the policy file says of an account holds for windows, for promises and for delivery alike."""

from datetime import timedelta

from chalicelib import channels
from chalicelib.channels.base import Credentials
from chalicelib.domain.reply import Mode
from chalicelib.service.accounts import PolicyVault
from chalicelib.service.intake import Intake
from tests.build import config, config_data, event
from tests.fakes.ports import DictVault
from tests.service.world import World

GRANTED = config_data()["accounts"]
GRANTED["harbor-facebook"]["options"] = {"human_agent": "yes"}
FACEBOOK = ("facebook", "harbor-facebook")


def hook(accounts: object, **options: str) -> Credentials | None:
    vault = DictVault({FACEBOOK: Credentials(token="t", options=options)})
    return PolicyVault(vault, lambda: config(accounts=accounts)).hook(*FACEBOOK)


def test_delivery_and_windows_read_the_same_option() -> None:
    granted, plain = hook(GRANTED, graph_version="v26.0"), hook(config_data()["accounts"], human_agent="yes")
    assert granted is not None and granted.options == {"graph_version": "v26.0", "human_agent": "yes"}
    assert plain is not None and plain.options == {}, "what the secrets say of it does not count"
    facebook = channels.load("facebook")
    assert facebook.window(Mode.PRIVATE, granted.options) == timedelta(days=7)
    assert facebook.window(Mode.PRIVATE, plain.options) == timedelta(hours=24)
    assert PolicyVault(DictVault({}), config).hook(*FACEBOOK) is None


def test_a_message_takes_the_window_of_its_account_along() -> None:
    for accounts, days in ((GRANTED, 7), (config_data()["accounts"], 1)):
        world = World(config=config(accounts=accounts))
        Intake(world.store, world.config, channels.load("facebook")).take(event(), FACEBOOK[1], world.clock())
        (thread,) = world.case().threads.values()
        assert thread.window == timedelta(days=days)
