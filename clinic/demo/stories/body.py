"""Where on the body a patient's treatment is: muscles, fascial points, exercises, what the examination finds."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.demo.stories.told import Region

Place = tuple[str, str]  # key, side
Tested = tuple[str, str, int, int]  # test, side, the number at first, and of one who is better


@dataclass(frozen=True, slots=True)
class Focus:
    """What one patient's treatment is about, the main thing first in each list. Exercises are keys of the library."""

    muscles: tuple[Place, ...]
    points: tuple[Place, ...]
    exercises: tuple[str, ...]
    regions: tuple[Region, ...]
    tests: tuple[Tested, ...]


FOCUS: dict[str, Focus] = {
    "calf_left": Focus(
        muscles=(
            ("soleus", "L"),
            ("gastrocnemius_caput_mediale", "L"),
            ("tibialis_posterior", "L"),
            ("quadratus_plantae", "L"),
            ("soleus", "R"),
        ),
        points=(
            ("er-pe", "L"),
            ("re-pe", "L"),
            ("re-ta", "L"),
            ("ir-ta", "L"),
            ("er-ge", "L"),
            ("re-ta", "R"),
            ("re-lu", "B"),
        ),
        exercises=("calf_raise", "calf_stretch_bent", "toe_spread", "single_leg_stance", "brisk_walk"),
        regions=(
            ("ankle_outer", "L", "limited", 2, "Bending up with the knee bent 6 cm to the wall, right 10 cm."),
            ("heel", "L", "tender", 2, "Inner edge, first steps in the morning."),
        ),
        tests=(
            ("ankle_dorsiflexion_bent", "L", 24, 32),
            ("ankle_dorsiflexion_bent", "R", 35, 35),
            ("heel_raise", "L", 11, 19),
            ("heel_raise", "R", 20, 21),
        ),
    ),
    "calves": Focus(
        muscles=(
            ("soleus", "B"),
            ("gastrocnemius_caput_mediale", "B"),
            ("tibialis_anterior", "R"),
            ("tibialis_posterior", "L"),
        ),
        points=(
            ("re-ta", "B"),
            ("er-pe", "B"),
            ("ir-ta", "R"),
            ("er-ge", "L"),
            ("an-la-ta", "R"),
            ("re-cx", "L"),
            ("re-lu", "B"),
        ),
        exercises=("calf_raise", "calf_stretch_straight", "calf_stretch_bent", "step_down", "brisk_walk"),
        regions=(
            ("calf", "B", "tender", 2, "Whole length, more in the evening."),
            ("whole_leg", "B", "weak", 1, "Six calf raises on one leg, then the heel drops."),
        ),
        tests=(
            ("ankle_dorsiflexion_straight", "L", 4, 9),
            ("ankle_dorsiflexion_straight", "R", 5, 9),
            ("heel_raise", "L", 6, 14),
            ("heel_raise", "R", 7, 15),
        ),
    ),
    "shins": Focus(
        muscles=(
            ("tibialis_anterior", "B"),
            ("soleus", "R"),
            ("gastrocnemius_caput_mediale", "R"),
            ("flexor_digitorum_brevis", "R"),
        ),
        points=(
            ("an-la-ta", "R"),
            ("ir-ta", "R"),
            ("er-pe", "R"),
            ("re-pe", "R"),
            ("an-la-ta", "L"),
            ("er-ge", "R"),
        ),
        exercises=("toe_spread", "calf_stretch_straight", "single_leg_stance", "step_down", "cycling"),
        regions=(
            ("shin", "R", "urge", None, "Pressure brings the crawling feeling of the evenings."),
            ("forefoot_toes", "R", "weak", 1, "Toes hardly spread."),
        ),
        tests=(
            ("single_leg_stance", "L", 20, 24),
            ("single_leg_stance", "R", 8, 22),
        ),
    ),
    "foot_right": Focus(
        muscles=(
            ("quadratus_plantae", "R"),
            ("flexor_digitorum_brevis", "R"),
            ("soleus", "R"),
            ("gastrocnemius_caput_mediale", "R"),
        ),
        points=(
            ("er-pe", "R"),
            ("re-pe", "R"),
            ("ir-ta", "R"),
            ("re-ta", "R"),
            ("er-ge", "R"),
        ),
        exercises=("sole_roll", "toe_spread", "calf_stretch_straight", "single_leg_calf_raise"),
        regions=(
            ("arch_sole", "R", "tender", 3, "In front of the heel, worst on the first steps."),
            ("ankle_inner", "R", "limited", 1, "Big toe bends up 40 degrees, left 65."),
        ),
        tests=(
            ("great_toe_extension", "L", 65, 66),
            ("great_toe_extension", "R", 40, 55),
        ),
    ),
    "hips": Focus(
        muscles=(
            ("gluteus_medius", "L"),
            ("piriformis", "L"),
            ("biceps_femoris_caput_longum", "L"),
            ("soleus", "L"),
            ("gluteus_medius", "R"),
        ),
        points=(
            ("re-cx", "L"),
            ("la-pv", "L"),
            ("re-lu", "B"),
            ("er-ge", "L"),
            ("la-pv", "R"),
            ("re-ta", "L"),
            ("er-pe", "L"),
        ),
        exercises=("hip_bridge", "side_lying_leg_raise", "hip_flexor_stretch", "pelvic_tilt_side", "brisk_walk"),
        regions=(
            ("hip", "L", "weak", 2, "Side lying 8 seconds, right 25."),
            ("thigh_back", "L", "limited", 1, "Straight leg to 60 degrees, right 80; nerve tests clear."),
        ),
        tests=(
            ("straight_leg_raise", "L", 60, 72),
            ("straight_leg_raise", "R", 80, 80),
            ("single_leg_stance", "L", 8, 20),
            ("single_leg_stance", "R", 25, 26),
        ),
    ),
    "pelvis": Focus(
        muscles=(
            ("gluteus_medius", "B"),
            ("piriformis", "R"),
            ("soleus", "R"),
            ("biceps_femoris_caput_longum", "R"),
        ),
        points=(
            ("la-pv", "R"),
            ("re-lu", "B"),
            ("re-cx", "R"),
            ("er-ge", "R"),
            ("ir-ta", "R"),
            ("la-pv", "L"),
        ),
        exercises=("breathing_feet_on_wall", "hip_bridge", "hamstring_stretch", "single_leg_stance", "cycling"),
        regions=(
            ("pelvis_groin", "R", "posture", None, "Stands on the right leg, left hip dropped."),
            ("low_back", "M", "limited", 1, "Bending forward stops at the shins, no leg pain."),
        ),
        tests=(
            ("hip_internal_rotation", "L", 30, 31),
            ("hip_internal_rotation", "R", 18, 26),
            ("single_leg_stance", "L", 22, 26),
            ("single_leg_stance", "R", 14, 25),
        ),
    ),
}
# The dose of an exercise: sets, repetitions, hold in seconds, breaths, minutes; and how long it takes in a visit.
DOSES: dict[str, dict[str, int]] = {
    "calf_raise": {"sets": 3, "reps": 12},
    "single_leg_calf_raise": {"sets": 3, "reps": 8},
    "calf_stretch_straight": {"sets": 3, "hold_s": 30},
    "calf_stretch_bent": {"sets": 3, "hold_s": 30},
    "sole_roll": {"minutes": 3},
    "toe_spread": {"sets": 2, "reps": 10, "hold_s": 5},
    "hip_bridge": {"sets": 3, "reps": 10},
    "side_lying_leg_raise": {"sets": 3, "reps": 10},
    "hip_flexor_stretch": {"sets": 2, "hold_s": 30},
    "hamstring_stretch": {"sets": 2, "hold_s": 30},
    "breathing_feet_on_wall": {"sets": 4, "breaths": 5},
    "pelvic_tilt_side": {"sets": 2, "reps": 10},
    "single_leg_stance": {"sets": 3, "hold_s": 30},
    "brisk_walk": {"minutes": 30},
    "cycling": {"minutes": 20},
    "step_down": {"sets": 2, "reps": 10},
}
OUTDOORS = frozenset({"brisk_walk", "cycling"})  # done at home only
