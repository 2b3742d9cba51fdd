/** The words of the desk in Chinese; the same keys as in English. */

export const ZH = {
  desk: '监管台', skip: '跳到正文', pages: '页面', search: '搜索', searchHint: '标识、LEI、名称或高度（/）',
  loading: '加载中…', again: '重试', copy: '复制', copied: '已复制', notCopied: '请选中后复制', showMore: '显示更多', open: '打开', save: '保存',
  print: '打印', download: '下载证明', no: '否', notKnown: '未知', figures: '数据', count: '数量', name: '名称', id: '标识',
  'unit.second': '{count} 秒', 'unit.minute': '{count} 分钟', 'unit.hour': '{count} 小时', 'unit.day': '{count} 天',
  // Pages
  'page.network': '网络', 'page.blocks': '区块', 'page.block': '区块', 'page.transaction': '交易', 'page.account': '账户', 'page.participant': '机构',
  'page.loan': '贷款', 'page.case': '案件', 'page.case-file': '债务人档案', 'page.scorecard': '催收行为', 'page.loan-book': '贷款簿', 'page.settlement': '清算',
  'page.packs': '规则', 'page.pack': '规则包', 'page.explain': '假设查询', 'page.my-file': '我的档案', 'page.search': '搜索', 'page.sign-in': '登录', noPage: '没有这个页面',
  // What everybody has to know
  'banner.unreachable': '监管台没有响应。', 'banner.unreachableMore': '所示内容可能已过时。talea-audit 是否仍在运行？本页会继续尝试。',
  'banner.difference': '区块 {height} 与应有内容不符。', 'banner.differenceMore': '其后的内容一概不予采信，也不显示。', 'banner.lastGood': '最后一个有效区块',
  'banner.stalled': '网络已停滞。', 'banner.stalledMore': '自 {since} 起没有新区块。所示内容以当时为准。',
  'banner.waiting': '监管台正在等待节点或索引。', 'banner.waitingMore': '所示内容以区块 {height} 为准。监管台会继续尝试；若持续如此，请查看其等待的对象：',
  'banner.ended': '监管台已停止跟踪。', 'banner.endedMore': '所示内容以区块 {height} 为准。请重新启动 talea-audit 以继续。',
  'following.following': '已验证至最新区块', 'following.waiting': '等待节点', 'following.stalled': '停滞', 'following.ended': '已结束',
  // Errors
  error: '无法显示', 'error.NOT_REACHED': '无法连接监管台', 'advice.NOT_REACHED': 'talea-audit 是否仍在此地址运行？',
  'error.NO_ANSWER': '监管台响应过慢', 'advice.NO_ANSWER': '请缩小范围，或稍后再试。', 'error.NOT_FOUND': '账本上没有此项',
  'error.DENIED': '您无权查看', 'error.READER_REQUIRED': '请先登录', 'error.SESSION_ENDED': '会话已结束', 'error.TOKEN_EXPIRED': '令牌已过期',
  'error.TOKEN_INVALID': '令牌在此无效', 'error.READER_UNKNOWN': '账本上没有此标识', 'error.RECORD_FIRST': '请先登记本次查阅', 'error.BUSY': '监管台繁忙',
  'error.NODE': '节点未响应监管台', 'error.BAD_REQUEST': '监管台无法理解该请求', 'error.TOO_LARGE': '内容过大', 'error.MISTAKE': '页面出错',
  // Network
  ledgerTime: '账本时间', businessDate: '营业日', transactions: '交易', events: '事件', behind: '落后节点 {count} 个区块', noBlocks: '尚无区块',
  noBlocksMore: '网络尚未决定第一个区块，或监管台尚未读取。出现后本页会立即显示。', newestBlocks: '最新区块', newestFirst: '最新在前',
  validators: '验证者', noValidators: '没有验证者', power: '投票权', lastSigned: '最近签名高度', signedOfRecent: '最新区块中签名', proposed: '其中提议', ofCount: '{count} / {of}', silent: '沉默',
  whatNetwork: '这是哪个网络', networkId: '网络标识', networkIdHelp: '请与可信来源的标识核对：提供本页的人可能展示另一个网络。', stateRoot: '状态根', followedNode: '所跟踪的节点',
  // Blocks and transactions
  proposer: '提议者', notApplied: '未执行', jump: '转到高度', newBlocks: '显示 {count} 个新区块', blockTitle: '区块 {height}', earlier: '上一个', later: '下一个', round: '轮次',
  appliedOf: '{count} 笔，其中 {applied} 笔已执行', blockHash: '哈希', signedBy: '签名', powerOf: '投票权的 {percent}', header: '区块头', certificate: '证书', validator: '验证者',
  operation: '操作', transactionId: '标识', placeInBlock: '{height}，第 {position} 位', noContentHere: '您无权查看内容。', noContentHereMore: '交易中涉及债务人的内容，仅向有权查看其档案者显示。请以其身份登录；查看会被记录。', noTransactions: '没有交易', noEvents: '没有事件',
  notForReader: '仅供监管机构和主管机关查看。请以其身份登录。', notYourHistory: '机构的历史记录仅供该机构本身及其监管者查看；运行验证节点的机构，其记录也供其他运行验证节点的机构查看。', closedEvent: '内容见该页面', closedOfDebtor: '内容见相关债务人的档案', onLedger: '账本现状', sponsor: '主办机构', openCaseFile: '打开债务人档案',
  lender: '出借人', collector: '催收方',
  verifyFile: '验证文件',
  // Verification
  verifyTitle: '在本浏览器中验证', verifyLead: '证明由本页获取并在本页验证，不依赖服务器的说法。', verifyHere: '验证', trustedId: '您所知的网络标识',
  typeId: '请输入网络标识：64 位数字，来自可信来源。', 'objection.other': '证明有效，但所证并非本页所示内容。服务器答非所问。',
  'objection.outcome': '证明有效，但其结果与服务器所述不同。服务器所述不实。',
  'proof.proved': '已证明', 'proof.newer': '晚于证明', 'proof.wrong': '账本上没有',
  shownOtherwise: '服务器所示与账本不符。', shownOtherwiseMore: '显示但账本上没有：{wrong}。账本上有但未显示：{missing}。下面是已证明的内容。',
  shownAll: '时间线中全部 {shown} 个事件均在已证明的 {proved} 个之内，债务人的事件没有遗漏。被拒绝的联系在其交易页面证明。',
  shownPart: '目前显示 {shown} 个事件，均在已证明的 {proved} 个之内或晚于证明。显示完整时间线即可确认没有遗漏。',
  provedInFull: '检查步骤与已证明的内容',
  // Case file
  'kind.permit': '联系许可', 'kind.refusal': '联系被拒', 'kind.outcome': '联系结果', 'kind.report': '债务人报告', 'kind.breach': '违规', 'kind.notice': '通知', 'kind.dispute': '异议',
  'kind.complaint': '投诉', 'kind.protection': '保护', 'kind.payment': '还款与贷款', 'kind.look': '查阅记录', 'kind.other': '其他',
  timeline: '时间线', showOnly: '仅显示', loansAndCases: '贷款与案件', noLoans: '没有贷款和案件', caseOpen: '进行中', caseRecalled: '已撤回', emptyFile: '该债务人尚无记录',
  noneOfKind: '没有此类记录', emptyFileMore: '没有记录的档案同样可以证明其完整。',
  // Conduct
  scoreBy: '对象', byAgency: '催收方', byLender: '出借人', 'conduct.agency': '催收方行为', 'conduct.lender': '代表出借人的行为', period: '期间', lastDays: '最近 {count} 天', allTime: '全部',
  noConduct: '此期间没有联系', noConductMore: '请选择更长的期间。账本上一有联系申请即会显示。', contactsGranted: '获准联系', contactsRefused: '被拒', breaches: '违规', complaints: '投诉',
  complaintsOpen: '未结投诉', complaintsLate: '逾期投诉', complaintClocks: '未结投诉（最早在前）', complaintMade: '提出', acknowledgeBy: '受理期限', resolveBy: '答复期限', acknowledgedAt: '受理时间', lateSince: '逾期自', 'complaints.open': '未结', 'complaints.late': '逾期', 'complaints.answered': '已答复', timeToResolve: '处理时间（中位数）', hour: '时段', quietHour: '安静时段', contacts: '联系次数',
  rule: '规则', sources: '法律依据',
  'chart.none': '此期间没有数据', 'chart.hoursTitle': '实际联系次数（按债务人当地时间）', 'chart.reportedTitle': '债务人报告的联系（按其当地时间）', lettersApart: '信函不计时段。', 'chart.hours': '共 {total} 次联系，其中 {disturbed} 次在安静时段（阴影）；{most} 最多。', 'chart.hoursAll': '共 {total} 次联系；{most} 最多。',
  'chart.refusalsTitle': '按规则被拒', 'chart.channelsTitle': '按渠道的许可', 'chart.breachesTitle': '违规', 'chart.complaintsTitle': '投诉',
  // Loan book
  allLenders: '全部出借人', asOf: '截至 {day}', loansByBucket: '按产品和逾期情况的贷款', noLoanBook: '没有贷款', product: '产品', delinquency: '逾期情况', loans: '贷款数', outstanding: '未偿余额',
  'bucket.current': '正常', 'bucket.1-30': '1–30 天', 'bucket.31-60': '31–60 天', 'bucket.61-90': '61–90 天', 'bucket.91-120': '91–120 天', 'bucket.121-150': '121–150 天', 'bucket.151-180': '151–180 天', 'bucket.180+': '180 天以上', 'bucket.charged_off': '已核销', 'bucket.paid_off': '已结清', 'bucket.new': '新增',
  rolls: '滚动率', rollsOf: '自上月末至 {day}', monthEnd: '月末', rollFrom: '原状态', noRolls: '尚无月份结束', noRollsOf: '该月末没有贷款', 'chart.monthEndsTitle': '各月末按逾期天数的贷款',
  rollsHelp: '每行为上月末处于该状态的贷款及其目前去向。新增指其间发放的贷款；已结清的贷款只计一次。',
  lookLogged: '本次查阅已登记在查阅日志：', lookNumber: '第 {number} 次查阅', hourUnknown: '另有 {count} 次联系，其债务人时区未知。', alsoSaid: '另外', isRecorded: '通话录音', hasOptOut: '信息说明退订方式', allowing: '{count} 条允许的规则', notBinding: '此处不适用的规则包', bookHelp: '逾期天数按账本营业日计算，与账本一致。已结清的贷款不计入。', 'chart.bookTitle': '按出借人和逾期情况的贷款', 'shown.case file': '债务人档案', 'shown.history': '历史', 'shown.what-if': '假设查询', 'shown.loan': '贷款', 'shown.case': '案件', 'shown.proof file': '证明文件', 'shown.transaction': '交易', 'shown.receipt': '回执', 'shown.search': '搜索',
  // Settlement
  totalsByAsset: '各资产合计', asset: '资产', reserves: '准备金', liabilities: '负债', covered: '足额', positions: '头寸', organisation: '机构', position: '余额', noAssets: '网络没有资产', noPositions: '尚无头寸',
  positionHelp: '准备金是机构缴存的金额，负债是其对持有人的欠款，余额是全部兑付后剩余的准备金。',
  // Rules
  packsInForce: '生效的规则包', noPacks: '没有生效的规则包', packTitle: '名称', jurisdiction: '法域', version: '版本', rules: '规则', inForceSince: '生效时间', retired: '已停用', unverified: '未核实', packText: '规则包文本',
  packTextHelp: '与网络所存一致：验证者执行的正是此文本。',
  // What if
  explainLead: '联系会被允许吗？由网络自身的规则，根据监管台已验证的状态作答。不会写入账本。', caseHelp: 'case1…', loanHelp: 'loan1…', channel: '渠道', party: '联系对象', purpose: '目的',
  fromUtc: '起（UTC）', untilUtc: '止（UTC）', contactPoint: '联系方式', contactPointHelp: '号码或地址的承诺值，64 位数字。留空表示从未使用过。', wouldIt: '会被允许吗？',
  verdict: '结论', 'verdict.PERMITTED': '允许', 'verdict.REFUSED': '拒绝', 'verdict.OVERRIDE_NEEDED': '须出借人签名', 'verdict.REJECTED': '不可行', window: '时间', localTime: '{zone} 当地', possibleFrom: '最早可行',
  noRuleSpoke: '没有规则反对。', explainHelp: '以最新已验证区块为准。之后的每次联系都计入上限。', typeCase: '请输入案件：case1…', typeLoan: '请输入贷款：loan1…', typeTimes: '结束须晚于开始。',
  typePoint: '联系方式为 64 位数字，或留空。',
  // Search
  searchTitle: '搜索结果', nothingFound: '没有找到', nothingFoundMore: '请搜索完整标识、LEI、区块高度或机构名称的开头。', 'named.block': '区块', 'named.transaction': '交易', 'named.pack': '规则包',
  'named.validator': '验证者', 'named.permit': '许可', 'named.proposal': '提案', 'named.account': '账户', 'named.participant': '机构', 'named.debtor': '债务人档案', 'named.loan': '贷款', 'named.case': '案件',
  // Signing in
  signInLead: '公开内容无需登录。债务人档案、贷款和案件仅向账本允许的人显示，每次查阅都会登记，债务人可见。', withKeyFile: '使用密钥文件', keyFile: '密钥文件',
  keyFileHelp: '由 talea keys 生成。仅在本页读取，不会发送。', passphrase: '口令', passphraseHelp: '仅在本页使用。', readAs: '查阅身份', readAsHelp: '密钥所属的账户（acct1…）或机构（org1…）。', signIn: '登录', signOut: '退出',
  withToken: '使用令牌', token: '令牌', tokenCommand: '适用于保存在别处的密钥。在保存密钥的地方运行以下命令，即可得到本监管台的令牌，数分钟内有效：', tokenHelp: '命令输出的内容。', typeToken: '请粘贴令牌：字母、数字、- 和 _。', typeReader: '请输入账户（acct1…）或机构（org1…）。',
  chooseKeyFile: '请选择密钥文件。', opening: '正在打开密钥…', readingAs: '当前身份', roles: '角色', looksAreLogged: '对债务人、贷款或案件的每次查阅都会登记，债务人可见。',
  'sees.accounts': '账户', 'sees.debtors': '债务人', 'sees.loans': '贷款', 'sees.cases': '案件', 'sees.blocks': '完整区块', 'sees.scorecard': '催收行为', 'sees.loan_book': '贷款簿', 'sees.settlement': '清算',
  'sees.how.all': '全部', 'sees.how.some': '本方', 'sees.how.none': '无',
  'key.form': '这不是密钥文件，或文件已损坏。请选择 talea keys 生成的文件。', 'key.method': '本页不支持该密钥文件的加密方式。请用 talea 签署令牌。', 'key.passphrase': '口令无法打开密钥文件。',
  'key.other-key': '首行的公钥与文件内的密钥不符。请勿使用此文件。', 'key.browser': '此浏览器不支持 Ed25519 签名。请使用更新的浏览器，或用 talea 签名。',
  'error.KEY_FORM': '无法读取密钥文件', 'error.KEY_METHOD': '此处无法读取密钥文件', 'error.KEY_PASSPHRASE': '密钥文件未能打开', 'error.KEY_OTHER_KEY': '密钥文件前后不一致', 'error.KEY_BROWSER': '此浏览器无法签名',
  // My file
  myFileLead: '网络上关于您的全部记录。您可以验证其完整性、保存证明，并对不认同之处提出意见。', noFileOfOwn: '没有您的档案', noFileOfOwnMore: '请用您账户的密钥登录以查看档案。',
  'dispute.title': '对债务提出异议', 'dispute.lead': '声明债务不属于您、未到期或不正确。规则随即约束催收方。', 'dispute.about': '哪笔债务', 'dispute.send': '签名并提出异议', 'dispute.none': '您没有未结贷款。',
  'complaint.title': '投诉', 'complaint.lead': '被投诉机构须按规则时限受理和答复；逾期答复即为违规。', 'complaint.about': '投诉对象', 'complaint.send': '签名并投诉', 'complaint.none': '没有人向您催收。',
  reasonCode: '原因代码', reasonHelp: '见公布的清单，从 1 起。以您在下方的陈述为准。', whatHappened: '情况说明', saidHelp: '不会写入账本，账本仅保存其承诺值。证明您所述内容的文件会保存给您，请妥善保管。',
  yourKey: '您的密钥', signedWithOpenKey: '将用您登录时的密钥签名。', byCommand: '改为显示命令', byCommandHelp: '证明您所述内容的文件已保存。请在保存密钥的地方、设置节点地址后运行：', saySomething: '请说明情况，最多 8 KiB。',
  signing: '正在签名并等待最终确认…', said: '已写入账本：', notSaid: '未被接受：', openingSaved: '请保管已保存的文件：没有它，任何人都无法证明您说过什么。',
  // Outcomes and records
  'outcome.APPLIED': '已执行', 'outcome.CONTACT_REFUSED': '联系被拒绝', 'outcome.OVERRIDE_NEEDED': '须豁免', 'role.REGULATOR': '监管机构', 'role.BANK': '银行', 'role.COLLECTION_AGENCY': '催收机构', 'role.AUTHORITY': '主管机关',
};
