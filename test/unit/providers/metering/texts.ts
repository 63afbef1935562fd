/** Texts, and the tokens that o200k_base counts in them. */
export const texts = [
  {
    name: 'German',
    tokens: 247,
    text: 'Die Abrechnung eines Dienstes, der nach Verbrauch bezahlt wird, muss zwei Dinge zugleich leisten. Sie darf niemandem mehr berechnen, als er verbraucht hat, und sie darf niemanden mehr verbrauchen lassen, als er bezahlen kann. Beides klingt selbstverständlich, ist aber unter gleichzeitigen Anfragen, Verbindungsabbrüchen und abgestürzten Servern erstaunlich schwierig. Wer zuerst prüft und später abbucht, lässt zwischen beiden Schritten eine Lücke, durch die hundert parallele Aufrufe hindurchpassen. Wer dagegen zu viel zurückhält, verweigert seinen Kunden Anfragen, die sie sich längst leisten könnten.\nIm vergangenen Sommer haben wir deshalb begonnen, die Obergrenze eines Gesprächs genauer zu schätzen. Die Geschwindigkeit der Übertragung, die Länge der Antwort und der Preis des jeweiligen Modells gehen in die Rechnung ein. Am Ende jeder Antwort wird der tatsächliche Verbrauch gebucht und der Rest freigegeben. Für die Benutzerinnen und Benutzer bedeutet das: Ihr Guthaben steht ihnen fast vollständig zur Verfügung, auch wenn mehrere Programme gleichzeitig arbeiten. Straßenbahnhaltestellen, Donaudampfschifffahrtsgesellschaften und andere lange Wörter zählen dabei mehr als kurze.',
  },
  {
    name: 'Chinese',
    tokens: 211,
    text: '按用量计费的服务必须同时做到两件事：既不能向任何人收取超过实际用量的费用，也不能让任何人使用超过其支付能力的资源。两者听起来理所当然，但在并发请求、连接中断和服务器崩溃的情况下却异常困难。如果先检查余额再扣费，两个步骤之间就会留下空隙，上百个并行调用可以同时通过。反过来，如果预留过多，客户本来付得起的请求也会被拒绝。因此我们从去年夏天开始更精确地估算每次对话的上限。传输速度、回答长度以及所用模型的价格都会计入。每次回答结束后，系统会记录真实用量并释放剩余部分。对于用户来说，这意味着即使多个程序同时运行，他们的余额也几乎可以全部使用。请把下面这段文字翻译成英文，并解释其中三个重要的概念。',
  },
  {
    name: 'Japanese',
    tokens: 231,
    text: '使った分だけ支払うサービスの請求には、二つのことが同時に求められます。誰にも実際の使用量を超えて請求してはならず、誰にも支払える額を超えて使わせてはなりません。どちらも当然のように聞こえますが、同時に届くリクエスト、接続の切断、サーバーの停止が重なると、驚くほど難しくなります。先に残高を確認し、後から引き落とす方法では、その間に隙間ができ、百件の並列呼び出しが通り抜けてしまいます。反対に多く確保しすぎると、本来なら支払えるはずの依頼まで断ることになります。そこで私たちは昨年の夏から、会話ごとの上限をより正確に見積もるようにしました。通信速度、回答の長さ、モデルの料金が計算に含まれます。',
  },
  {
    name: 'Korean',
    tokens: 52,
    text: '사용한 만큼 지불하는 서비스의 청구는 두 가지를 동시에 만족해야 합니다. 누구에게도 실제 사용량보다 많이 청구해서는 안 되며, 누구도 지불할 수 있는 것보다 많이 사용하게 해서는 안 됩니다.',
  },
  {
    name: 'English',
    tokens: 162,
    text: 'A service that is paid by use has to do two things at once. It must not charge anybody for more than they used, and it must not let anybody use more than they can pay for. Both sound obvious, and both are surprisingly hard when requests arrive at the same moment, connections break and servers stop. If you check first and charge later, there is a gap between the two steps through which a hundred parallel calls can slip. If you hold back too much, you refuse your customers requests which they could easily afford. Last summer we therefore began to estimate the upper limit of a conversation more precisely. The speed of the connection, the length of the answer and the price of the model are part of the calculation. At the end of every answer the actual use is recorded and the rest is released.',
  },
  {
    name: 'code',
    tokens: 169,
    text: "export async function settleExecution(reservation: Reservation, outcome: Outcome): Promise<Result> {\n  const { wallet, executionId } = reservation;\n  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {\n    try {\n      const answer = await callWallet(wallet, (stub) => stub.settle({ executionId, outcome }));\n      if (answer.ok) return { ok: true, value: answer.view };\n      if (answer.code === 'reservation_settled') break;\n    } catch (error) {\n      console.error('settlement failed', { executionId, attempt, error });\n      await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));\n    }\n  }\n  return { ok: false, code: 'unavailable' };\n}",
  },
  {
    name: 'JSON',
    tokens: 302,
    text: '[{"id":0,"name":"Anna","email":"anna@example.com","active":true,"balance":0.0,"tags":["customer","newsletter"],"created_at":"2026-03-10T08:15:00Z"},{"id":1,"name":"Bernard","email":"bernard@example.com","active":false,"balance":137.25,"tags":["customer","newsletter"],"created_at":"2026-03-11T08:15:00Z"},{"id":2,"name":"Charlotte","email":"charlotte@example.com","active":true,"balance":274.5,"tags":["customer","newsletter"],"created_at":"2026-03-12T08:15:00Z"},{"id":3,"name":"Dimitri","email":"dimitri@example.com","active":false,"balance":411.75,"tags":["customer","newsletter"],"created_at":"2026-03-13T08:15:00Z"},{"id":4,"name":"Elena","email":"elena@example.com","active":true,"balance":549.0,"tags":["customer","newsletter"],"created_at":"2026-03-14T08:15:00Z"},{"id":5,"name":"Farid","email":"farid@example.com","active":false,"balance":686.25,"tags":["customer","newsletter"],"created_at":"2026-03-15T08:15:00Z"}]',
  },
];
