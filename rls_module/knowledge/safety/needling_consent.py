"""What a patient is told before the first needle, in versions: own words, balanced, with the risks by name.

Source of the risks: published surveys of minor and serious events after dry needling, as the domain reference 5 names
them; the wording is the project's own.
"""

from __future__ import annotations

VERSION = "1"

_ENGLISH = """
Dry needling puts thin, sterile, single-use needles into tight or tender places in a muscle. It is one part of your
treatment; you can have the rest without it.

Often: soreness for a day or two, a small bruise, a drop of blood, feeling drowsy or light-headed.

Seldom: fainting, a bigger bruise, numbness or tingling for some days.

Very seldom: an infection, an irritated nerve, a needle that breaks or is left behind. Needles near the ribs can
hurt the lung; this is not done unless you are told before.

For restless legs there is only early research. We do not know whether it will help you.

Tell us if you take a blood thinner, are or may be pregnant, have a pacemaker or other implant, an infection, a weak
immune system, or faint easily. You can say stop at any time.
"""

_SPANISH = """
La punción seca introduce agujas finas, estériles y de un solo uso en zonas tensas o dolorosas de un músculo. Es una
parte de su tratamiento; puede recibir el resto sin ella.

A menudo: dolor por uno o dos días, un moretón pequeño, una gota de sangre, sueño o mareo leve.

Pocas veces: desmayo, un moretón más grande, adormecimiento u hormigueo por algunos días.

Muy pocas veces: una infección, un nervio irritado, una aguja que se rompe o se olvida. Las agujas cerca de las
costillas pueden lastimar el pulmón; eso no se hace sin avisarle antes.

Para las piernas inquietas solo hay estudios iniciales. No sabemos si le ayudará.

Díganos si toma un anticoagulante, si está o puede estar embarazada, si tiene marcapasos u otro implante, una
infección, defensas bajas o si se desmaya con facilidad. Puede decir basta en cualquier momento.
"""


def text(language: str) -> tuple[str, ...]:
    """Return the paragraphs in `language`, else in English."""
    chosen = TEXTS.get(language.partition("-")[0], TEXTS["en"])
    return tuple(" ".join(paragraph.split()) for paragraph in chosen.strip().split("\n\n"))


TEXTS = {"en": _ENGLISH, "es": _SPANISH}
