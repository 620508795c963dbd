"""Release the shipped knowledge: `python -m rls_module.knowledge.release` adds new files to the hash lock."""

from __future__ import annotations

import sys

from rls_module.knowledge.exercises import library as exercises
from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.instruments import loading as instruments
from rls_module.knowledge.lock import add_released
from rls_module.knowledge.papers import loading as papers
from rls_module.knowledge.planning import education, templates
from rls_module.knowledge.protocols import loading as protocols
from rls_module.knowledge.vocabulary import loading as vocabulary


def load_everything() -> None:
    """Load every shipped file; raises KnowledgeError for the first mistake in any of them."""
    for key in instruments.shipped_keys():
        instruments.shipped(key)
    instruments.skeletons()
    for key in protocols.shipped_keys():
        protocols.shipped(key)
    vocabulary.muscles()
    vocabulary.regions()
    vocabulary.criteria()
    vocabulary.medicines()
    vocabulary.mimics()
    vocabulary.red_flags()
    vocabulary.body_chart()
    vocabulary.body_tests()
    exercises.shipped()
    templates.shipped()
    education.topics()
    papers.everything()


def main() -> int:
    """Check, then lock what is new; return the exit status and say what was done."""
    try:
        load_everything()
        added = add_released()
    except KnowledgeError as error:
        sys.stderr.write(f"nothing released: {error}\n")
        return 1
    sys.stdout.write("".join(f"released {name}\n" for name in added) or "nothing new to release\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
