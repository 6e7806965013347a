"""The brand's accounts on the networks: ids, secrets and tokens that both halves of the double agree on."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """One connected account.

    `native_id` is what the network calls it: Facebook page id, Instagram professional account id, WhatsApp
    phone_number_id, X user id, Telegram bot id. `secret` signs webhooks to Heed (Meta app secret, X consumer secret,
    Telegram secret token, `whsec_...`); `token` is what Heed must show when it posts. `parent_id` is the asset around
    it (WhatsApp Business Account, the page linked to an Instagram account). `key` is Heed's name for the connection.
    """

    network: str
    key: str
    native_id: str
    name: str
    handle: str
    secret: str
    token: str
    parent_id: str = ""
    app_id: str = ""
    phone: str = ""
    verify_token: str = "heed-verify-token-1"  # noqa: S105 - a value of the double, no real secret


ACCOUNTS = (
    Account(
        "facebook",
        "facebook-main",
        "104552811223344",
        "Harbor & Hill Coffee",
        "harborandhill",
        "heed-app-secret-1",
        "EAAB-double-page-token",
        app_id="884213377550921",
    ),
    Account(
        "instagram",
        "instagram-main",
        "17841405822300001",
        "Harbor & Hill Coffee",
        "harborhill",
        "heed-ig-secret-1",
        "IGAA-double-user-token",
        parent_id="104552811223344",
        app_id="884213377550921",
    ),
    Account(
        "whatsapp",
        "whatsapp-main",
        "106540352242922",
        "Harbor & Hill Coffee",
        "",
        "heed-app-secret-1",
        "EAAW-double-system-token",
        parent_id="102290129340398",
        phone="4930555011",
    ),
    Account(
        "x",
        "x-main",
        "1455001122334455667",
        "Harbor & Hill Coffee",
        "harborhill",
        "heed-x-consumer-secret-1",
        "x-double-user-token",
    ),
    Account(
        "telegram",
        "telegram-main",
        "7000000001",
        "Harbor & Hill Care",
        "harborhill_care_bot",
        "tg_secret-Token_1",
        "7000000001:AAH-double-bot-token",
    ),
    Account(
        "standard_webhooks",
        "webhooks-main",
        "shop-forum",
        "Harbor & Hill Forum",
        "harborhill",
        "whsec_aGVlZC1zdGFuZGFyZC13ZWJob29rLWtleS0wMDAxISE=",
        "",
    ),
)


def account_of(network: str, accounts: Iterable[Account] = ACCOUNTS) -> Account:
    """The first account on that network."""
    return next(account for account in accounts if account.network == network)
