"""Questionnaires as data: what is asked, in which order, in which words, and what an answer is worth."""
