"""How staff come in: password and second factor, a fresh factor before what weighs, sessions that end."""
