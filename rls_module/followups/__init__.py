"""The follow-up engine: protocols, what is asked when, the queue of mails, and what an answer sets in motion."""
