const use = {
  train: {
    title: "Train your model",
    text: "The page says what will be trained and what is missing. The model's page shows how far it is.",
    link: "Train model",
  },
  start: { title: "Start your model", text: "Press Start and wait until it runs. A running model takes memory.", link: "Use Model" },
  analyze: {
    title: "Analyze an image",
    text: "Give the model a picture that it has not seen. The step is ticked within a minute.",
    link: "Try a model",
  },
  stop: { title: "Stop your model", text: "It can be started again at any time.", link: "Use Model" },
};
const project = {
  title: "Create a project",
  text: "A project is one kind of thing to learn. The example project comes with pictures and labels: every step but the last ones is done then.",
  link: "Create project",
};
const datasets = {
  title: "Create training and test datasets",
  text: "Choose “Start with a training dataset and a test dataset”. Upload pictures, or import a folder of the storage.",
  link: "Datasets",
};

export const tutorials = {
  title: "Tutorials",
  lead: "Step by step, with your own server. The ticks show what is done, done here, in a terminal or by a program.",
  help: "Each tutorial follows one project. Choose another one at the top of its page; the ticks follow.",
  open: "Open tutorial",
  progress: (done: number, total: number) => `${done} of ${total} steps`,
  complete: "Complete",
  follows: "Follow it with the project",
  noProject: "No project yet",
  example: "Create the example project",
  done: "Done",
  next: "Next",
  todo: "To do",
  command: (n: number) => `Command ${n}`,
  copy: (n: number) => `Copy command ${n}`,
  paste: "Paste the commands into a terminal, in the folder that the server was started from.",
  needsModel: "The commands appear once the project has a trained model.",
  pages: {
    classify: {
      title: "Classify images",
      lead: "One label a picture: the whole way in ten steps, from pictures to answers.",
      time: "20 minutes",
      steps: {
        collect: {
          title: "Collect your images",
          text: "PNG or JPEG, 64 to 4096 pixels a side. Put those of one class into one folder, and the label comes with the folder's name.",
          link: "Storage",
        },
        classes: { title: "Decide your classes", text: "At least two, and ten pictures of each. They are the labels of your training dataset.", link: "Labels" },
        project,
        datasets,
        labels: { title: "Add labels to the project", text: "“Manage labels” in labelling mode. Training and test dataset need the same ones.", link: "Manage labels" },
        assign: {
          title: "Assign image-level labels",
          text: "Select pictures, press the digit of the label, save. Every picture of both datasets needs one.",
          link: "Start labeling",
        },
        ...use,
      },
    },
    multi: {
      title: "Several labels a picture",
      lead: "A picture is a camellia, has leaves and is fully grown: three labels at once.",
      time: "20 minutes",
      steps: {
        project,
        datasets,
        several: {
          title: "Give a picture several labels",
          text: "Select pictures and assign one label after the other. As soon as one picture has two, the model learns each label for itself.",
          link: "Start labeling",
        },
        all: { title: "Label all pictures", text: "Each label that applies. One that is forgotten teaches that it does not apply.", link: "Start labeling" },
        ...use,
      },
    },
    boxes: {
      title: "Find objects",
      lead: "Boxes around things: what it is, where, and how many.",
      time: "30 minutes",
      steps: {
        project,
        datasets,
        labels: { title: "Add labels", text: "One is enough for boxes.", link: "Manage labels" },
        draw: {
          title: "Draw boxes in training pictures",
          text: "“Draw bounding box”, then press and drag around every object. Objects without a box teach that there is none.",
          link: "Draw boxes",
        },
        test: { title: "Draw boxes in test pictures", text: "They measure the model, and are never learnt from.", link: "Draw boxes" },
        ...use,
      },
    },
    logos: {
      title: "Find logos",
      lead: "Train with pictures of a logo alone; the model finds it in scenes.",
      time: "30 minutes",
      steps: {
        project,
        datasets,
        alone: {
          title: "Label pictures of logos alone",
          text: "The training dataset: ten or more pictures that show nothing but the logo, with one label each. No boxes.",
          link: "Start labeling",
        },
        scenes: {
          title: "Draw boxes in scenes",
          text: "The test dataset: photographs in which the logos occur, with a box around each.",
          link: "Draw boxes",
        },
        ...use,
      },
    },
    call: {
      title: "Call it from a program",
      lead: "The AWS CLI and boto3, with a profile that leads here. Every command runs as pasted.",
      time: "10 minutes",
      steps: {
        model: { title: "Have a trained model", text: "Any project will do.", link: "Train model" },
        profile: {
          title: "Set up a profile",
          text: "It writes keys and addresses for the AWS CLI and all SDKs, then lists the labels of the training dataset with them. Ticked within a minute.",
        },
        start: { title: "Start the model", text: "And wait until it runs." },
        cli: { title: "Detect with the AWS CLI", text: "A file of this computer, then an object of the storage. Ticked within a minute." },
        python: { title: "Detect with boto3", text: "It needs boto3: pip install boto3." },
        stop: { title: "Stop the model", text: "It can be started again at any time." },
      },
    },
    failed: {
      title: "Mend a failed training",
      lead: "A training that fails on purpose: read why, correct the labels, train again.",
      time: "10 minutes",
      steps: {
        break: {
          title: "Train with a mistake",
          text: "The commands draw red and blue pictures, label all of them red and train. They need the profile of the tutorial before this one.",
        },
        fail: { title: "Read why it failed", text: "The model's page names code, reason and remedy: one label is too few to tell apart.", link: "Open the failed model" },
        mend: {
          title: "Correct the labels",
          text: "In labelling mode, add the label blue. Select the blue pictures, assign blue and take red away, save.",
          link: "Start labeling",
        },
        again: { title: "Train again", text: "As a new version. The failed one stays, for comparison.", link: "Train model" },
        works: { title: "See that it works", text: "The model page shows its figures.", link: "Open the model" },
      },
    },
  },
};
