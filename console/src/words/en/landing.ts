export const landing = {
  kicker: "Custom Labels on your own hardware",
  hero: "Teach it what matters to you.",
  lead: "Show Lensmith some pictures, name what is in them, and get a model that finds it in the next ones. Your pictures never leave your machines, and every AWS SDK speaks to it unchanged.",
  getStarted: "Get started",
  createProject: "Create project",
  toProjects: "Go to projects",
  whatIs: "What is Lensmith?",
  whatIsText:
    "Lensmith finds objects, scenes and brands that are particular to your business: parts on a line, leaves on a plant, a logo on a shelf. A few dozen labelled pictures are often enough.",
  facts: [
    ["Your data stays", "Pictures, labels and models are files in your own store."],
    ["AWS-compatible", "boto3, the AWS CLI and every SDK work with one changed endpoint."],
    ["Runs on a CPU", "Training takes minutes; a running model answers in milliseconds."],
  ] as readonly (readonly [string, string])[],
  howItWorks: "How it works",
  steps: [
    ["Create a dataset", "Upload pictures, or import a bucket, a zip or labels that you have already."],
    ["Label images", "Say what a picture shows, or draw boxes around it. The keyboard is enough."],
    ["Train a model", "One click. Lensmith chooses the recipe and shows how far it is."],
    ["Check and use it", "See what it gets wrong, then start it and call it from your code."],
  ] as readonly (readonly [string, string])[],
  examples: "Explore example projects",
  examplesText: "Four small projects, pictures and labels included, ready to be trained.",
  picture: "A picture of a workbench on which three parts are framed and named by a model.",
  detected: { gear: "gear", lens: "lens", screw: "screw" },
};
