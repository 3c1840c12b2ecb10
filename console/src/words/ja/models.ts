import type { models as en } from "../en/models.ts";

export const models: typeof en = {
  title: "モデル",
  find: "リソースを検索",
  delete: "モデルを削除",
  download: "検証結果をダウンロード",
  downloads: {
    training: "検証付きトレーニングマニフェスト",
    testing: "検証付きテストマニフェスト",
    summary: "マニフェストの概要",
  },
  selectOne: "トレーニングが終わったモデルをひとつ選択してください。",
  selectSome: "実行中でもトレーニング中でもないモデルを選択してください。",
  empty: "モデルがありません",
  emptyDetail: "トレーニングを開始すると、モデルがここに表示されます。",
  train: "モデルをトレーニング",
  select: (name) => `${name} を選択`,
  selection: "モデルの選択",
  columns: {
    name: "名前",
    created: "作成日",
    trainingDataset: "トレーニングデータセット",
    testDataset: "テストデータセット",
    performance: "モデルのパフォーマンス",
    status: "モデルのステータス",
    message: "ステータスメッセージ",
  },
  notAvailable: "N/A",
  performanceHelp: "F1 スコア",
  toDo: "対処方法",
  toDoFailed:
    "モデルの検証結果をダウンロードしてください。マニフェストの概要に、各エラーとその行が示されています。データセットを修正して、再度トレーニングしてください。",
  frozen: "トレーニング時点",
  deleting: {
    title: (n) => (n === 1 ? "モデルを削除" : `${n} 個のモデルを削除`),
    text: "モデルとその記録、タグが削除されます。元に戻すことはできません。このウィンドウを閉じても中止されません。",
    confirm: "削除",
    started: (n) => (n === 1 ? "モデルを削除しています。" : `${n} 個のモデルを削除しています。`),
  },
};
