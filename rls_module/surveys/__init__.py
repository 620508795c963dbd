"""The patient's door: pages behind a link, drafts, unsubscribe. No login, and no word of the chart."""
