"""Built-in example sets, drawn on the spot: flowers to classify, circuit boards to inspect."""
