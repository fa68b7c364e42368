"""The pure rules by which two exchanges stay in step. It begins with how a record is written and hashed."""
