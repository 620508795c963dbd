"""Whose stories are told at Hillcrest Physical Therapy, and what happened when. Everybody is invented."""

from __future__ import annotations

from clinic.demo.stories.told import Answer, Closing, Told

HILLCREST = (
    Told(
        "hillcrest",
        "Grace Vargas",
        first=98,
        visits=9,
        bare=(5, 8),
        opening="Since the menopause. Ferritin 88, nothing else known.",
        answers=(Answer("week_6", 49), Answer("week_12", 13, {"comment": "Better until I flew on Sunday."})),
        closings=(Closing(12, ("read_comment",), "Rang her: settled again two days after the flight."),),
    ),
    Told(
        "hillcrest",
        "Nadia Peña",
        first=95,
        visits=6,
        bare=(3, 6),
        focus="calf_left",
        opening="Takes an allergy pill at night.",
        snoozed=53,
        answers=(Answer("week_6", 48), Answer("week_12", 10)),
    ),
    Told(
        "hillcrest",
        "Rosa Morales",
        first=88,
        visits=7,
        bare=(6,),
        focus="shins",
        opening="Prefers Spanish. Four nights a week for a year.",
        said={5: {"safety": "changed", "safety_note": "New pill at night, does not know the name. Asked to bring it."}},
        answers=(
            Answer("week_6", 43, {"med_change": "yes", "med_what": "Una pastilla nueva para dormir"}),
            Answer("week_12", 2, {"comment": "Me da sueño la pastilla nueva, ¿es normal?"}),
        ),
        closings=(
            Closing(
                42,
                ("worse_intensity", "worse_overall", "medicine_marker"),
                "Called with an interpreter. New sleeping pill fits the date; letter to the prescriber, copy to her.",
            ),
        ),
    ),
    Told(
        "hillcrest",
        "Kavita Suzuki",
        first=45,
        visits=8,
        bare=(4,),
        focus="shins",
        superficial=True,
        opening="Uses no mail: gets her forms on paper. Apixaban, so superficial sites only.",
        said={1: {"safety": "changed", "safety_note": "Apixaban. Superficial sites only, pressure after each needle."}},
    ),
    Told(
        "hillcrest",
        "Quentin Castillo",
        first=55,
        visits=6,
        focus="hips",
        opening="Truck driver, cannot sit after nine.",
        mail_off=8,
        closings=(Closing(1, ("no_answer",), "Spoke to him: wants no mail, tells us at the next visit instead."),),
    ),
)
