/** How errors are shown: a title, and for the codes known what to do. */
export const errors = {
  title: "The request failed",
  code: "Code",
  requestId: "Request ID",
  whatToDo: "What to do",
  unexpected: "Unexpected error",
  actions: {
    AccessDeniedException:
      "Your user may not do this. Ask who runs the server to allow the action named above, or sign in as another user.",
    ExpiredTokenException: "Sign in again; what is on this page is kept.",
    UnrecognizedClientException: "Check the access key and the secret, or open a fresh address from lensmith serve.",
    InvalidParameterException: "Correct the value named above and try again.",
    InvalidS3ObjectException: "Check that the bucket and the key exist and that your user may read them.",
    LimitExceededException: "A limit is reached. Wait until running work has ended, or delete what you no longer need.",
    ResourceInUseException: "Wait until the resource is free, or stop what is using it.",
    ResourceNotFoundException: "It may have been deleted meanwhile. Refresh the page.",
    ResourceAlreadyExistsException: "Choose another name.",
    ThrottlingException: "The server is busy. Try again in a few seconds.",
    ProvisionedThroughputExceededException: "The model is busy. Try again, or start it with more inference units.",
    InternalServerError: "Try again. If it happens again, look up the request ID in the server's log.",
    ServiceUnavailableException: "Try again in a few seconds.",
  } as Readonly<Record<string, string>>,
};
