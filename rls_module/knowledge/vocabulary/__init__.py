"""Clinical words with stable codes: muscles, regions of the body chart, the diagnostic criteria."""
