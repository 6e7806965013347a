"""Native ids that look like each network's own. Unique per customer and message, and the same for the same seed."""

import base64
import random
from dataclasses import dataclass

from infra.doubles.networks.accounts import Account
from infra.doubles.networks.people.shapes import Event

FACEBOOK_POST = "889900112233"
INSTAGRAM_MEDIA = "18011223344556677"
X_POST = "2090000000000000100"
X_EPOCH = 1_288_834_974_657
PERSON_BASES = {
    "facebook": 7_001_000_000_000_000,
    "instagram": 2_905_000_000_000_000,
    "x": 1_788_000_000_000_000_000,
    "telegram": 5_500_000_000,
}
OURS = {
    "facebook": "m_OUTBOUND-0001",
    "instagram": "aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQ-07",
    "whatsapp": "wamid.OUT0001==",
    "x": X_POST,
    "telegram": "17",
}


@dataclass
class Ids:
    """The ids around one customer; `customer` numbers the customers of a storm."""

    account: Account
    chance: random.Random
    customer: int
    used: int = 0

    @property
    def network(self) -> str:
        return self.account.network

    def person(self) -> str:
        if self.network == "whatsapp":
            return f"DE.1349120865{self.customer:010d}"
        if self.network == "standard_webhooks":
            return f"user_{self.customer:06d}"
        return str(PERSON_BASES[self.network] + self.customer)

    def phone(self) -> str:
        """From a range that is reserved for fiction: +49 30 23125 xxx, widened for large storms."""
        return f"493023125{self.customer:06d}"

    def thread(self, public: bool) -> str:
        threads = {"facebook": f"{self.account.native_id}_{FACEBOOK_POST}", "instagram": INSTAGRAM_MEDIA}
        return threads.get(self.network, "") if public else ""

    def ours(self, public: bool) -> str:
        """Something of ours to react to: the post, or a message sent before the storm."""
        return self.thread(public) or OURS[self.network]

    def message(self, event: Event) -> str:
        """A new id for something the customer does at that moment."""
        self.used += 1
        number = self.customer * 100 + self.used
        token = base64.urlsafe_b64encode(self.chance.randbytes(12)).decode()
        if self.network == "facebook":
            return f"{FACEBOOK_POST}_{number + 500}" if event.thread else f"m_{token}-{number}"
        if self.network == "instagram":
            return str(17_900_000_000_000_000 + number) if event.thread else f"aWdfZAG1faXRlbToxOklH{token}-{number}"
        if self.network == "whatsapp":
            return f"wamid.HBgM{token}{number:06d}=="
        if self.network == "x":
            return str(((event.millis - X_EPOCH) << 22) + number)
        return f"ext_{number}" if self.network == "standard_webhooks" else str(1000 + number)
