"""The verbs that join the rooms: each module is one thing itops does, whoever asks."""
