"""Built-in example sets, drawn when needed: flowers to classify, circuit boards to inspect."""
