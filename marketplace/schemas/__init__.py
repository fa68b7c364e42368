"""From what people type, in a form or a file, to what the exchange keeps; and back into a form."""
