"""What customers may be called and may write: the kind, the long, the right-to-left, the hostile."""

NAMES = {
    "plain": "Ana Ruiz",
    "long": "Maximiliane-Friederike Gräfin von und zu Hohenlohe-Schillingsfürst-Waldenburg " * 4,
    "one-word": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3,
    "arabic": "محمد بن عبد الله الأنصاري",
    "hebrew": "יעל כהן־לוי",
    "emoji": "👩‍👩‍👧‍👦 Família Souza 🇧🇷🏳️‍🌈👍🏽",
    "hidden": "A\u200bn\u200ba\u2060 \u00ad\ufeffR\u200du\u200ciz",
    "reordering": "\u202egnp.eciovni\u202c\u2066 Ruiz",
    "mentions": "<!channel> <@U0EVIL> <!here> <!subteam^S0EVIL> @here @everyone",
    "formatting": "*bold* _it_ ~gone~ `code` > quote :rotating_light:",
    "blank": " \u3164\n\t ",
    "stacked": "Z̸̡̛͍̬̹̦̮̞͉͎̈́̀̾a̷̢̧̛̲̪͖̫̦̣̋͌l̵̛̰̮͖̼̦̲̊͗͋g̶̨̢̧͖̖̹̠͈̏͌̿̔ō̷͕̪̝͙",
}
WORDS = {
    "plain": "My parcel has not arrived, and nobody answers. Order 4711, third time I write.",
    "long": "I have waited for three weeks now and every day brings another excuse from the carrier. " * 60,
    "one-word": "Waaaaaaaaaaaaaaah" * 60,
    "many-lines": "\n".join(f"line {number}" for number in range(1, 81)),
    "arabic": "لم تصل طلبيتي رقم 4711 بعد، متى ستصل؟ شكرًا لكم",
    "hebrew": "ההזמנה שלי (מספר 4711) עדיין לא הגיעה. מתי היא תגיע?",
    "mixed": "Order #4711 טרם הגיע! call +1 555 0100 — تم الدفع 25.00€ (paid)",
    "emoji": "😡😡🤬 0/10 👎🏿👨‍👩‍👧‍👦 🇩🇪🇧🇷 ❤️‍🔥",
    "hidden": "f\u200br\u200be\u200be m\u00ado\u00adn\u00ade\u00ady\u2060 \U000e0041\U000e0042",
    "reordering": "see \u202egpj.exe\u202c and \u2067then\u2069 pay",
    "mentions": "<!channel> <!here> <!everyone> <@U0EVIL> <#C0EVIL|care> <!subteam^S0EVIL|@admins> @channel",
    "links": "<https://evil.example|bank.example> https://evil.example <mailto:a@evil.example|help> "
    "[a](//evil.example)",
    "formatting": "*bold* _it_ ~gone~ `code` ```fence``` \n> quote\n:rotating_light: • 1. &lt;!channel&gt; &amp;",
    "dates": "<!date^0^{date}|now> <!date^1^{time}^https://evil.example|today>",
    "markup": "<b>bold</b><script>alert(1)</script><img src=x onerror=alert(1)> &nbsp;",
    "blank": "",
}
"""Text for messages, notes, answers, reasons, tags: wherever somebody else decides on the words."""

HOSTILE = ("mentions", "links", "formatting", "dates", "markup", "reordering", "hidden")
