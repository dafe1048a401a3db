"""What a newcomer finds: people, a catalogue, subscribers, an incident that is over and one that is not."""
