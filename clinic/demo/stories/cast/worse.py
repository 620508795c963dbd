"""Those who get worse, by a new medicine or by augmentation. Everybody is invented."""

from __future__ import annotations

from clinic.demo.stories.told import ALL_YES, YEARS, Answer, Closing, Judged, Panel, Planned, Taken, Told

WORSENING = (
    Told(
        "riverside",
        "Rosa Jansen",
        first=44,
        visits=7,
        bare=(7,),
        opening="Her Friday card round has become a standing round.",
        says={"onset": 69, "year": 4, "family": ["no"], "growing": "no", "why_now": "worse"},
        panels=(Panel(-38, {"ferritin": "137", "tsat": "27", "haemoglobin": "12.8"}),),
        medicines=(
            Taken("Mirtazapine", dose="7.5 mg", times="bedtime", since=16, prescriber="Dr. Farrow", note="For sleep."),
            Taken("Levothyroxine", dose="75 ug", times="morning", since=-12 * YEARS, prescriber="Dr. Farrow"),
        ),
        said={
            6: {
                "safety": "changed",
                "safety_note": "New since last week: mirtazapine at night, for sleep.",
                "since_last": "worse",
                "next_time": "Letter to the doctor about mirtazapine. Gentle session only.",
            },
            7: {"since_last": "worse", "response": "Busy legs on the table; hands only today, letter sent."},
        },
        planned=Planned(has_new_draft=True),
        answers=(Answer("week_6", 1, {"med_change": "yes", "med_what": "A new pill for sleep at night, mirtazapine"}),),
        slot_today=4,
    ),
    Told(
        "riverside",
        "Owen Quiroga",
        first=66,
        visits=7,
        led="exercise",
        focus="hips",
        opening="Lost his brother in spring; the nights are long anyway.",
        named=("sit at my brother's table", "fish from the boat"),
        says={"onset": 57, "year": 4, "family": ["no"], "why_now": "sleep", "health": ["mood"]},
        panels=(Panel(-61, {"ferritin": "176", "tsat": "30", "haemoglobin": "14.9"}),),
        medicines=(Taken("Sertraline", dose="50 mg", times="morning", since=19, prescriber="Dr. Lowell"),),
        said={
            7: {
                "safety": "changed",
                "safety_note": "Sertraline, since last week, for the grief.",
                "since_last": "worse",
            }
        },
        planned=Planned(held=(43, "Until his doctor has answered the letter about the new medicine.")),
        answers=(Answer("week_6", 22, {"med_change": "yes", "med_what": "Something for the mood"}),),
        closings=(
            Closing(
                20,
                ("worse_intensity", "worse_overall", "medicine_marker"),
                "Called. The time fits the new medicine, he does not want to be without it: letter to his doctor, "
                "visits pause until the answer is there.",
            ),
        ),
    ),
    Told(
        "hillcrest",
        "Rosa Morales",
        first=88,
        visits=7,
        bare=(6,),
        focus="shins",
        opening="Prefers Spanish. A year of it, her daughter noticed first.",
        named=("coser por la noche", "ver la novela completa"),
        says={"onset": 72, "year": 4, "family": ["child"], "why_now": "worse"},
        medicines=(
            Taken(
                "Unisom",
                dose="25 mg",
                times="bedtime",
                since=18,
                until=60,
                why="Her doctor ended it after the letter.",
                prescriber="a neighbour's advice",
            ),
            Taken("Trazodone", dose="25 mg", times="bedtime", since=78, prescriber="Dr. Ames"),
        ),
        said={6: {"safety": "changed", "safety_note": "New pill at night, does not know the name. Asked to bring it."}},
        planned=Planned(held=(47, "Until the nights are calmer again; doctor informed.")),
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
)
AUGMENTATION = (
    Told(
        "riverside",
        "Quentin Zimmer",
        first=104,
        visits=9,
        bare=(8,),
        focus="calves",
        known=True,
        opening="Seven good years with the medicine, then it came earlier every season.",
        says={
            "told": "yes",
            "onset": 49,
            "year": 7,
            "family": ["father", "sibling"],
            "growing": "yes",
            "why_now": "medicine_trouble",
            "leg_meds": ["now"],
            "start_before": 22 * 60,
            "med_trouble": ["worse_legs", "drowsiness"],
            "iron_test": "bring",
        },
        judged=Judged(
            past_reasons=("augmented",), because="Typical before the medicine; earlier and stronger under it."
        ),
        panels=(
            Panel(-26, {"ferritin": "41", "tsat": "17", "haemoglobin": "14.1"}, note="Letter to his doctor, day 1."),
        ),
        medicines=(
            Taken(
                "Ropinirole",
                dose="3 mg, was 0.5 mg",
                times="17:00 and 21:00",
                for_legs=True,
                since=-7 * YEARS,
                until=54,
                why="Prescriber changed the therapy after the second letter.",
                prescriber="Dr. Hale, neurology",
                helps=4,
                side_effects=("worse_legs", "drowsiness"),
                note="Helped 9 of 10 in the first years.",
            ),
            Taken(
                "Gabapentin enacarbil",
                dose="600 mg",
                times="17:00",
                for_legs=True,
                since=54,
                prescriber="Dr. Hale, neurology",
            ),
            Taken(
                "Iron tablets",
                dose="65 mg",
                times="every other day",
                for_legs=True,
                since=9,
                prescriber="Dr. Hale, neurology",
            ),
        ),
        planned=Planned(
            revised=(45, 112), precautions="May faint: needles lying down, rises slowly. Restless with needles in."
        ),
        said={
            3: {
                "response": "Pale after the last needle, away for seconds: needles out at once and counted, legs up, "
                "well after ten minutes, then hands only. Blood pressure 95/60. Prescriber told the same day.",
                "next_time": "No needles sitting up. Ask about dizziness before anything else.",
            },
            4: {
                "reaction": "other",
                "reaction_note": "Fainted at the last visit; none since. Lies down for everything.",
            },
        },
        answers=(
            Answer("week_6", 60),
            Answer("week_12", 16, {"med_change": "yes", "med_what": "The neurologist changed the evening medicine"}),
        ),
        closings=(
            Closing(
                58,
                ("worse_overall", "augmentation_watch", "exercise_barrier"),
                "Augmentation screen done with him: arms new, six hours earlier than before the medicine, every day. "
                "Second letter and a call to the prescriber.",
            ),
            Closing(
                14,
                ("no_gain", "augmentation_watch", "medicine_marker"),
                "Change of therapy was in week 8; better since. Not to be judged before the next form.",
            ),
        ),
    ),
    Told(
        "riverside",
        "Ursula Goldberg",
        first=45,
        visits=8,
        led="fascial",
        focus="hips",
        known=True,
        opening="Takes the evening pill at lunch by now.",
        named=("a concert", "sit with friends at lunch", "the train to the coast"),
        says={
            "told": "yes",
            "onset": 55,
            "year": 6,
            "family": ["child"],
            "why_now": "medicine_trouble",
            "leg_meds": ["now"],
            "start_before": 22 * 60,
            "med_trouble": ["worse_legs"],
        },
        judged=Judged(
            criteria={**ALL_YES, "e4": "no"},
            past={"e4": "yes"},
            past_reasons=("augmented",),
            because="All day by now; evenings only before the medicine.",
        ),
        panels=(Panel(-90, {"ferritin": "67", "tsat": "21", "haemoglobin": "12.6"}, note="Letter to her doctor."),),
        medicines=(
            Taken(
                "Pramipexole",
                dose="0.5 mg",
                times="13:00 and 19:00",
                for_legs=True,
                since=-4 * YEARS,
                prescriber="Dr. Farrow",
                helps=5,
                side_effects=("worse_legs", "nausea"),
            ),
        ),
        planned=Planned(revised=(42, 84)),
        answers=(Answer("week_6", 1),),
        slot_today=2,
    ),
    Told(
        "hillcrest",
        "Owen Tanaka",
        first=60,
        visits=8,
        bare=(3, 6),
        focus="pelvis",
        known=True,
        opening="Patch since two winters; lately he wears it and walks all the same.",
        named=("a meal without getting up", "read the paper", "the evening at the chess club"),
        says={
            "told": "yes",
            "onset": 58,
            "year": 6,
            "family": ["no"],
            "why_now": "medicine_trouble",
            "leg_meds": ["now"],
            "start_before": 22 * 60,
        },
        judged=Judged(past_reasons=("augmented", "treated"), because="Typical before the medicine."),
        panels=(Panel(-52, {"ferritin": "92", "tsat": "28", "haemoglobin": "14.0"}, note="Letter to his doctor."),),
        medicines=(
            Taken(
                "Rotigotine patch",
                dose="2 mg in 24 hours",
                times="morning",
                for_legs=True,
                since=-2 * YEARS,
                changed=48,
                why="Prescriber lowers it step by step.",
                prescriber="Dr. Amery",
                helps=5,
                side_effects=("skin_reaction_patch",),
            ),
        ),
        planned=Planned(revised=(42, 84), precautions="No heat over the patch; no needles near it."),
        answers=(Answer("week_6", 16),),
        closings=(
            Closing(
                14,
                ("worse_overall", "augmentation_watch"),
                "Screen done on the phone, letter to the prescriber the same day. He answers: lowers it step by step.",
            ),
        ),
    ),
)
