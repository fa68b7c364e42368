"""Finding listings: one protocol, two engines that pass the same contract tests."""
