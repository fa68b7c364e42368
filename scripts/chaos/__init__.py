"""Real exchanges as processes, a network that fails them, `kill -9`, and a history that is checked afterwards."""
