import type { errors as en } from "../en/errors.ts";

export const errors: typeof en = {
  title: "リクエストが失敗しました",
  code: "コード",
  requestId: "リクエスト ID",
  whatToDo: "対処方法",
  unexpected: "予期しないエラー",
  actions: {
    AccessDeniedException:
      "このユーザーには許可されていません。サーバーの管理者に上記のアクションの許可を依頼するか、別のユーザーでサインインしてください。",
    ExpiredTokenException: "再度サインインしてください。このページの内容は保持されます。",
    UnrecognizedClientException:
      "アクセスキーとシークレットを確認するか、lensmith serve が表示する新しいアドレスを開いてください。",
    InvalidParameterException: "上記の値を修正して、もう一度お試しください。",
    InvalidS3ObjectException: "バケットとキーが存在し、読み取りが許可されていることを確認してください。",
    LimitExceededException: "上限に達しました。実行中の処理の終了を待つか、不要なものを削除してください。",
    ResourceInUseException: "リソースが空くまで待つか、使用している処理を停止してください。",
    ResourceNotFoundException: "削除された可能性があります。ページを更新してください。",
    ResourceAlreadyExistsException: "別の名前を選んでください。",
    ThrottlingException: "サーバーが混み合っています。数秒後にもう一度お試しください。",
    ProvisionedThroughputExceededException:
      "モデルが混み合っています。もう一度試すか、推論ユニットを増やして開始してください。",
    InternalServerError: "もう一度お試しください。再発する場合は、サーバーのログでリクエスト ID を調べてください。",
    ServiceUnavailableException: "数秒後にもう一度お試しください。",
  },
};
