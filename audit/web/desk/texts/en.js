/** The words of the desk in English. `{name}` stands for a detail. Words of proofs and records are in page/texts.js. */

export const EN = {
  desk: 'regulator’s desk', skip: 'Skip to the content', pages: 'Pages', search: 'Search', searchHint: 'Id, LEI, name or height  ( / )',
  loading: 'Loading…', again: 'Try again', copy: 'Copy', copied: 'Copied', notCopied: 'Select it and copy', showMore: 'Show more', open: 'Open', save: 'Save',
  print: 'Print', download: 'Download the proof', no: 'no', notKnown: 'not known', figures: 'Figures', count: 'Count', name: 'Name', id: 'Id',
  'unit.second': '{count} s', 'unit.minute': '{count} min', 'unit.hour': '{count} h', 'unit.day': '{count} d',
  // Pages
  'page.network': 'Network', 'page.blocks': 'Blocks', 'page.block': 'Block', 'page.transaction': 'Transaction', 'page.account': 'Account', 'page.participant': 'Organisation',
  'page.loan': 'Loan', 'page.case': 'Case', 'page.case-file': 'Case file', 'page.scorecard': 'Conduct', 'page.loan-book': 'Loan book', 'page.settlement': 'Settlement',
  'page.packs': 'Rules', 'page.pack': 'Rule pack', 'page.explain': 'What if', 'page.my-file': 'My file', 'page.search': 'Search', 'page.sign-in': 'Sign in', noPage: 'There is no such page',
  // What everybody has to know
  'banner.unreachable': 'The desk does not answer.', 'banner.unreachableMore': 'What is shown may be old. Is talea-audit still running? The page goes on trying.',
  'banner.difference': 'Block {height} is not what it has to be.', 'banner.differenceMore': 'Nothing after it was believed, and nothing after it is shown.', 'banner.lastGood': 'The last block that holds',
  'banner.stalled': 'The network stands still.', 'banner.stalledMore': 'No block came since {since}. What is shown is true as of then.',
  'banner.waiting': 'The desk waits for its node or for its index.', 'banner.waitingMore': 'What is shown is true as of block {height}. The desk goes on trying; if it lasts, see what it waits for:',
  'banner.ended': 'The desk no longer follows.', 'banner.endedMore': 'What is shown is true as of block {height}. Start talea-audit again to go on.',
  'following.following': 'verified to the newest block', 'following.waiting': 'waiting for the node', 'following.stalled': 'stands still', 'following.ended': 'ended',
  // Errors
  error: 'This could not be shown', 'error.NOT_REACHED': 'The desk cannot be reached', 'advice.NOT_REACHED': 'Is talea-audit still running, and on this address?',
  'error.NO_ANSWER': 'The desk takes too long', 'advice.NO_ANSWER': 'Ask for less, or try again in a moment.', 'error.NOT_FOUND': 'Nothing of this name is on the ledger',
  'error.DENIED': 'This is not for you to see', 'error.READER_REQUIRED': 'Say who you are first', 'error.SESSION_ENDED': 'Your session has ended', 'error.TOKEN_EXPIRED': 'The token has expired',
  'error.TOKEN_INVALID': 'The token is not good here', 'error.READER_UNKNOWN': 'Nobody of this id is on the ledger', 'error.RECORD_FIRST': 'Put the look on record first', 'error.BUSY': 'The desk is busy',
  'error.NODE': 'The node does not answer the desk', 'error.BAD_REQUEST': 'The desk does not understand the question', 'error.TOO_LARGE': 'Too large', 'error.MISTAKE': 'The page made a mistake',
  // Network
  ledgerTime: 'Ledger time', businessDate: 'Business date', transactions: 'Transactions', events: 'Events', behind: '{count} behind the node', noBlocks: 'No block yet',
  noBlocksMore: 'The network has not decided its first block, or the desk has not read it. The page shows it as soon as it is there.', newestBlocks: 'Newest blocks', newestFirst: 'The newest first',
  validators: 'Validators', noValidators: 'No validators', power: 'Voting power', lastSigned: 'Last signed', signedOfRecent: 'Signed of the newest', proposed: 'Proposed of them', ofCount: '{count} of {of}', silent: 'silent',
  whatNetwork: 'Which network this is', networkId: 'Network id', networkIdHelp: 'Compare the id with one from a source that you trust: whoever serves this page could show another network.', stateRoot: 'State root', followedNode: 'Node that is followed',
  // Blocks and transactions
  proposer: 'Proposer', notApplied: 'Not applied', jump: 'Go to height', newBlocks: 'Show {count} new blocks', blockTitle: 'Block {height}', earlier: 'Earlier', later: 'Later', round: 'Round',
  appliedOf: '{count}, of which {applied} applied', blockHash: 'Hash', signedBy: 'Signed by', powerOf: '{percent} of the voting power', header: 'Header', certificate: 'Certificate', validator: 'Validator',
  operation: 'Operation', transactionId: 'Id', placeInBlock: '{height}, place {position}', noContentHere: 'The content is not for you to see.', noContentHereMore: 'What a transaction says of a debtor is shown to whom the debtor’s file is shown. Sign in as one of them; the look is written down.', noTransactions: 'No transactions', noEvents: 'No events',
  notForReader: 'These are for regulators and authorities. Sign in as one to see them.', notYourHistory: 'The history of an organisation is for itself and for those who supervise it; that of one that runs a validator also for the others who do.', closedEvent: 'what it says is on that page', closedOfDebtor: 'what it says is in the file of the debtor whom it is about', onLedger: 'On the ledger now', sponsor: 'Sponsor', openCaseFile: 'Open the case file',
  lender: 'Lender', collector: 'Collector',
  verifyFile: 'Verify a file',
  // Verification
  verifyTitle: 'Verify in this browser', verifyLead: 'The proof is fetched and checked on this page, by this page. The server is not believed.', verifyHere: 'Verify', trustedId: 'The network’s id, as you know it',
  typeId: 'Type the network’s id: 64 digits, from a source that you trust.', 'objection.other': 'The proof is good, but it is of something else than this page shows. The server answered another question.',
  'objection.outcome': 'The proof is good, and it shows another outcome than the server did. The server tells something that is not so.',
  'proof.proved': 'proved', 'proof.newer': 'newer than the proof', 'proof.wrong': 'not on the ledger',
  shownOtherwise: 'The server shows something else than the ledger holds.', shownOtherwiseMore: 'Shown and not on the ledger: {wrong}. On the ledger and not shown: {missing}. What is proved stands below.',
  shownAll: 'All {shown} events of the timeline are among the {proved} that are proved, and none of the debtor’s is left out. Refused contacts are proved on the page of their transaction.',
  shownPart: '{shown} events are shown so far, each among the {proved} that are proved or newer than the proof. Show the whole timeline to see that none is left out.',
  provedInFull: 'What was checked, and what is proved',
  // Case file
  'kind.permit': 'Contact permitted', 'kind.refusal': 'Contact refused', 'kind.outcome': 'Outcome of a contact', 'kind.report': 'Report by the debtor', 'kind.breach': 'Breach', 'kind.notice': 'Notice', 'kind.dispute': 'Dispute',
  'kind.complaint': 'Complaint', 'kind.protection': 'Protection', 'kind.payment': 'Payment or loan', 'kind.look': 'Who looked', 'kind.other': 'Other',
  timeline: 'Timeline', showOnly: 'Show only', loansAndCases: 'Loans and cases', noLoans: 'No loans and no cases', caseOpen: 'open', caseRecalled: 'recalled', emptyFile: 'Nothing has happened to this debtor',
  noneOfKind: 'Nothing of this kind', emptyFileMore: 'A file without entries is shown complete by its proof as well.',
  // Conduct
  scoreBy: 'Conduct of', byAgency: 'Collectors', byLender: 'Lenders', 'conduct.agency': 'Conduct of collectors', 'conduct.lender': 'Conduct on behalf of lenders', period: 'Period', lastDays: 'Last {count} days', allTime: 'All time',
  noConduct: 'No contact in this period', noConductMore: 'Choose a longer period. Contacts appear as soon as they are asked for on the ledger.', contactsGranted: 'Contacts permitted', contactsRefused: 'Refused', breaches: 'Breaches', complaints: 'Complaints',
  complaintsOpen: 'Open complaints', complaintsLate: 'Late complaints', complaintClocks: 'Open complaints, the oldest first', complaintMade: 'Made', acknowledgeBy: 'Acknowledge by', resolveBy: 'Answer by', acknowledgedAt: 'Acknowledged', lateSince: 'Late since', 'complaints.open': 'Open', 'complaints.late': 'Late', 'complaints.answered': 'Answered', timeToResolve: 'Time to resolve (median)', hour: 'Hour', quietHour: 'quiet', contacts: 'Contacts',
  rule: 'Rule', sources: 'Legal sources',
  'chart.none': 'Nothing in this period', 'chart.hoursTitle': 'Contacts made, by hour of the debtor’s day', 'chart.reportedTitle': 'Contacts that debtors report, by hour of their day', lettersApart: 'Letters are at no hour.', 'chart.hours': '{total} contacts, {disturbed} of them in quiet hours (shaded); most at {most}.', 'chart.hoursAll': '{total} contacts; most at {most}.',
  'chart.refusalsTitle': 'Refused, by rule', 'chart.channelsTitle': 'Permits by channel', 'chart.breachesTitle': 'Breaches', 'chart.complaintsTitle': 'Complaints',
  // Loan book
  allLenders: 'All lenders', asOf: 'as of {day}', loansByBucket: 'Loans by product and delinquency', noLoanBook: 'No loans', product: 'Product', delinquency: 'Delinquency', loans: 'Loans', outstanding: 'Outstanding',
  'bucket.current': 'Current', 'bucket.1-30': '1–30 days', 'bucket.31-60': '31–60 days', 'bucket.61-90': '61–90 days', 'bucket.91-120': '91–120 days', 'bucket.121-150': '121–150 days', 'bucket.151-180': '151–180 days', 'bucket.180+': 'Over 180 days', 'bucket.charged_off': 'Charged off', 'bucket.paid_off': 'Paid off', 'bucket.new': 'New',
  rolls: 'Roll rates', rollsOf: 'From the month end before to {day}', monthEnd: 'Month end', rollFrom: 'From', noRolls: 'No month has ended yet', noRollsOf: 'No loan was owed at this month end', 'chart.monthEndsTitle': 'Loans by days past due at month ends',
  rollsHelp: 'Each line: the loans that stood so at the month end before, and where they stand now. New are those that were paid out in between; a loan that is paid off is counted once.',
  lookLogged: 'This look was written down in the log of looks:', lookNumber: 'look no. {number}', hourUnknown: '{count} contacts with a debtor whose time zone is not known.', alsoSaid: 'Also', isRecorded: 'the call is recorded', hasOptOut: 'the message says how to opt out', allowing: '{count} rules that allow it', notBinding: 'Rule packs that do not bind here', bookHelp: 'Days past due by the ledger’s business date, aged to it as the ledger does. Loans that are over are left out.', 'chart.bookTitle': 'Loans by lender and delinquency', 'shown.case file': 'case file', 'shown.history': 'history', 'shown.what-if': 'what if', 'shown.loan': 'loan', 'shown.case': 'case', 'shown.proof file': 'proof file', 'shown.transaction': 'transaction', 'shown.receipt': 'receipt', 'shown.search': 'search',
  // Settlement
  totalsByAsset: 'Totals by asset', asset: 'Asset', reserves: 'Reserves', liabilities: 'Liabilities', covered: 'Covered', positions: 'Positions', organisation: 'Organisation', position: 'Free', noAssets: 'The network carries no asset', noPositions: 'No positions yet',
  positionHelp: 'Reserves are what an organisation has paid in; liabilities what it owes to holders. Free is what would be left of the reserve if every holder were paid out.',
  // Rules
  packsInForce: 'Rule packs in force', noPacks: 'No rule pack is in force', packTitle: 'Title', jurisdiction: 'Jurisdiction', version: 'Version', rules: 'Rules', inForceSince: 'In force since', retired: 'retired', unverified: 'unverified', packText: 'Text of the pack',
  packTextHelp: 'As the network has it: validators enforce exactly this.',
  // What if
  explainLead: 'Would a contact be permitted? The network’s own rules answer, on the state that the desk has verified. Nothing is put on the ledger.', caseHelp: 'case1…', loanHelp: 'loan1…', channel: 'Channel', party: 'With', purpose: 'Purpose',
  fromUtc: 'From (UTC)', untilUtc: 'Until (UTC)', contactPoint: 'Contact point', contactPointHelp: 'Commitment to the number or address, 64 digits. Empty: one that was never used.', wouldIt: 'Would it be permitted?',
  verdict: 'Verdict', 'verdict.PERMITTED': 'permitted', 'verdict.REFUSED': 'refused', 'verdict.OVERRIDE_NEEDED': 'only if the lender signs', 'verdict.REJECTED': 'not possible', window: 'Time', localTime: 'In {zone}', possibleFrom: 'Possible from',
  noRuleSpoke: 'No rule speaks against it.', explainHelp: 'True as of the newest verified block. Each later contact counts against the caps.', typeCase: 'Type the case: case1…', typeLoan: 'Type the loan: loan1…', typeTimes: 'The end has to be after the beginning.',
  typePoint: 'The contact point is 64 digits, or empty.',
  // Search
  searchTitle: 'Found for', nothingFound: 'Nothing found', nothingFoundMore: 'Search for a whole id, a Legal Entity Identifier, a block height, or the beginning of an organisation’s name.', 'named.block': 'Block', 'named.transaction': 'Transaction', 'named.pack': 'Rule pack',
  'named.validator': 'Validator', 'named.permit': 'Permit', 'named.proposal': 'Proposal', 'named.account': 'Account', 'named.participant': 'Organisation', 'named.debtor': 'Case file', 'named.loan': 'Loan', 'named.case': 'Case',
  // Signing in
  signInLead: 'What is for everybody is shown without. Debtors’ files, loans and cases are shown to whom the ledger permits it, and every look is written down where the debtor sees it.', withKeyFile: 'With a key file', keyFile: 'Key file',
  keyFileHelp: 'As talea keys makes it. It is read on this page and sent nowhere.', passphrase: 'Passphrase', passphraseHelp: 'It stays on this page.', readAs: 'Read as', readAsHelp: 'The account (acct1…) or organisation (org1…) that the key belongs to.', signIn: 'Sign in', signOut: 'Sign out',
  withToken: 'With a token', token: 'Token', tokenCommand: 'For keys that are kept elsewhere. Where the key is, this prints a token for this desk; it is good for some minutes:', tokenHelp: 'What the command printed.', typeToken: 'Paste the token: letters, digits, - and _.', typeReader: 'Type an account (acct1…) or an organisation (org1…).',
  chooseKeyFile: 'Choose the key file.', opening: 'Opening the key…', readingAs: 'Reading as', roles: 'Roles', looksAreLogged: 'Every look at a debtor, a loan or a case is written down, and the debtor sees it.',
  'sees.accounts': 'Accounts', 'sees.debtors': 'Debtors', 'sees.loans': 'Loans', 'sees.cases': 'Cases', 'sees.blocks': 'Whole blocks', 'sees.scorecard': 'Conduct', 'sees.loan_book': 'Loan book', 'sees.settlement': 'Settlement',
  'sees.how.all': 'all', 'sees.how.some': 'one’s own', 'sees.how.none': 'none',
  'key.form': 'This is no key file, or it is damaged. Choose a file that talea keys made.', 'key.method': 'The key file is encrypted in a way that this page does not know. Sign a token with talea instead.', 'key.passphrase': 'The passphrase does not open the key file.',
  'key.other-key': 'The public key in the first line is not that of the key inside. Do not use this file.', 'key.browser': 'This browser cannot sign with Ed25519. Use a newer one, or sign with talea.',
  'error.KEY_FORM': 'The key file cannot be read', 'error.KEY_METHOD': 'The key file cannot be read here', 'error.KEY_PASSPHRASE': 'The key file stays closed', 'error.KEY_OTHER_KEY': 'The key file is not consistent', 'error.KEY_BROWSER': 'This browser cannot sign',
  // My file
  myFileLead: 'What the network holds about you. Verify that it is complete, keep the proof, and say what you disagree with.', noFileOfOwn: 'No file of your own', noFileOfOwnMore: 'Sign in with the key of your account to see your file.',
  'dispute.title': 'Dispute a debt', 'dispute.lead': 'Say that a debt is not yours, not due or not right. The rules then bind whoever collects it.', 'dispute.about': 'Which debt', 'dispute.send': 'Sign and dispute', 'dispute.none': 'You have no open loan.',
  'complaint.title': 'Complain', 'complaint.lead': 'The organisation has to acknowledge and answer by the clock of the rules; a late answer is a breach.', 'complaint.about': 'About whom', 'complaint.send': 'Sign and complain', 'complaint.none': 'Nobody collects from you.',
  reasonCode: 'Reason code', reasonHelp: 'From the published list, from 1 on. What counts is what you say below.', whatHappened: 'What happened', saidHelp: 'It is not put on the ledger: only a commitment to it is. The file that shows what you said is saved for you; keep it.',
  yourKey: 'Your key', signedWithOpenKey: 'It is signed with the key that you signed in with.', byCommand: 'Show the command instead', byCommandHelp: 'The file that shows what you said was saved. Run this where your key is, with the node’s address set:', saySomething: 'Say what happened, in at most 8 KiB.',
  signing: 'Signing and waiting until it is final…', said: 'It is on the ledger:', notSaid: 'It was not accepted:', openingSaved: 'Keep the saved file: without it nobody can show what you said.',
  // Outcomes and records
  'outcome.APPLIED': 'applied', 'outcome.CONTACT_REFUSED': 'contact refused', 'outcome.OVERRIDE_NEEDED': 'override needed', 'role.REGULATOR': 'regulator', 'role.BANK': 'bank', 'role.COLLECTION_AGENCY': 'collection agency', 'role.AUTHORITY': 'authority',
};
