"""Papers that leave the room: letters to physicians and leaflets for patients, in our own words and with sources."""
