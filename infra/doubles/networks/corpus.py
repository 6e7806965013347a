"""What customers of Harbor & Hill Coffee, a maker of coffee machines, write. Invented; no real people or orders."""

# ruff: noqa: RUF001 - typographic dashes are part of what people write

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    language: str
    mood: str
    text: str


_LINES = {
    ("en", "question"): (
        "Does the Harbor Mini fit under a 38 cm shelf?",
        "Which grind size do you recommend for the Hill Pro?",
        "Is the descaler safe for aluminium boilers? 🤔",
        "Do you ship to the Channel Islands?",
        "How long is the warranty on the HH-200 pump?",
        "Where can I buy the brass gasket (part <HH-G12>)?",
    ),
    ("en", "complaint"): (
        "My espresso machine (order #HH-20418) leaks – it's the 2nd time 😡",
        "Third week without a reply. Is anybody there?!",
        "The lid broke after 5 days & your form says <error 500>",
        "You charged me twice for one bag of beans. 49.90 / 49.90",
        "Parcel arrived crushed, cups in pieces 💔",
        "50% off doesn't help if the machine never turns on.",
    ),
    ("en", "praise"): (
        "Best flat white I ever made at home ☕️🔥",
        "Tom from support is a star ⭐ thank you!",
        "Summer blend = 10/10",
    ),
    ("en", "chatter"): (
        "good morning everyone ☀️",
        "lol same here 😂😂",
        "<!channel> free coffee for all?",
        '=cmd()|"/C calc"!A1',
        "@here is this thing on",
        "<script>alert('crema')</script>",
        "👩‍👩‍👧‍👦🇩🇪☕",
        "...",
    ),
    ("de", "question"): (
        "Gibt es die Mühle auch in Grün? 🌿",
        "Wie oft muss ich die Brühgruppe schmieren?",
        "Passt der Filter vom Modell Hügel 2 auf den Hügel 3?",
        "Wann ist der Laden am Hafen wieder geöffnet?",
    ),
    ("de", "complaint"): (
        "Bin seit 3 Wochen auf der Warteliste 😡 niemand antwortet!",
        "Die Maschine tropft und es riecht verbrannt. Übel.",
        "Rückgeld fehlt, Größe falsch, Bohnen zu süß – schade.",
        "Euer Formular schluckt meine Adresse: Straße 7 / Hof <links>",
    ),
    ("de", "praise"): (
        "Superschneller Ersatz, vielen Dank! 🙏",
        "Schönster Milchschaum weit und breit ❤️",
    ),
    ("pt", "question"): (
        "Vocês têm a máquina em 127 V?",
        "Qual é o prazo de entrega para Recife?",
        "O café moído já voltou ao estoque? ☕",
    ),
    ("pt", "complaint"): (
        "Meu pedido não chegou e ninguém responde 😢",
        "A cafeteira queimou na primeira semana. Péssimo!",
        "Paguei o frete duas vezes, quero reembolso já.",
    ),
    ("pt", "praise"): ("Atendimento nota 10, obrigada! 💛",),
    ("es", "question"): (
        "Hola, ¿dónde está mi pedido? 📦🤷🏽‍♀️",
        "¿La garantía cubre la bomba?",
        "¿Cuándo vuelve la mezcla de otoño?",
    ),
    ("es", "complaint"): (
        "La máquina gotea otra vez, ¡qué vergüenza! 😤",
        "Me llegó el molinillo equivocado & sin tornillos.",
        "Llevo diez días esperando una respuesta…",
    ),
    ("es", "praise"): ("El mejor café de la mañana, ¡gracias! ☀️",),
    ("fr", "question"): (
        "Bonjour, la machine existe-t-elle en 110 V ?",
        "Où trouver le joint n° 12 pour l'Œillet Pro ?",
        "Livrez-vous en Suisse ? 🇨🇭",
    ),
    ("fr", "complaint"): (
        "Ma commande est arrivée cassée, je suis très déçue 😞",
        "Trois appels, aucune réponse. C'est inadmissible !",
        "Le café a un goût de brûlé depuis la mise à jour.",
    ),
    ("fr", "praise"): ("Service au top, merci Noë ! 👏",),
    ("he", "question"): ("מתי זה חוזר למלאי? ❤️",),
    ("ar", "complaint"): ("الآلة تسرب الماء منذ أمس \u200f(طلب HH-3121)",),
    ("ja", "question"): ("このミルは日本でも使えますか?☕",),
}

CORPUS = tuple(Line(language, mood, text) for (language, mood), texts in _LINES.items() for text in texts)
CORRECTIONS = {
    "en": "Sorry, I meant order HH-20481.",
    "de": "Korrektur: es war die Hügel 3, nicht die 2.",
    "pt": "Corrigindo: o pedido é o HH-7781.",
    "es": "Perdón, el pedido es el HH-9912.",
    "fr": "Erreur de ma part : c'est la commande HH-4410.",
}
FIRST_NAMES = ("Ana", "Jörg", "Noa", "Léa", "Tomás", "Zoë", "Kai", "Inês", "Bo", "Måns", "Yuki", "Omar")
LAST_NAMES = ("Sample", "Müster", "Prøve", "Exemplo", "Ejemplo", "Essai", "Beispiel", "Demo")
