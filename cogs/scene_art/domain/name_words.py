"""Words that make no name: common ones, ages, and those by which a sentence betrays itself. English to Italian. Pure.

Languages: English, German, French, Spanish, Portuguese, Polish, Italian, Japanese; ages in some more.
"""

from __future__ import annotations

from functools import cache

from .spelling import fold, plain_fold

LANGUAGES = ("en", "de", "fr", "es", "pt", "pl", "it", "ja")

_MORE_COMMON = """
walks walk runs stands stand sits sit smiles smile laughs nods enters leaves steps waits speaks whispers shouts
eleven thirteen fourteen sixteen seventeen eighteen nineteen thirty forty fifty seventy eighty hello yes
geht gehen ging sagt sagen sagte kommt kommen kam steht stehen stand sitzt läuft lächelt lacht nickt sieht blickt
eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn zwanzig hundert tausend ja nein
vient venir venait dit dire disait va aller allait voit regarde prend marche court sourit rit entre sort oui non
un deux trois quatre cinq six sept huit neuf dix onze douze treize vingt cent mille
dice decir dijo viene venir vino va ir iba mira ve camina corre sonríe ríe entra sale sí
uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece veinte cien mil
diz dizer disse vem vir veio vai ir olha anda corre sorri entra sai sim não
um dois três quatro cinco sete oito nove dez onze doze treze vinte cem
idzie iść szedł mówi mówić powiedział robi robić przychodzi stoi siedzi patrzy biegnie śmieje wchodzi wychodzi tak nie
jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście dwadzieścia sto tysiąc
viene venire venne dice dire disse guarda cammina corre sorride ride entra esce sì
due tre quattro cinque sei sette nove dieci undici dodici tredici venti cento
これ それ あれ ここ そこ どこ この その あの 私 僕 俺 君 彼 彼女 彼ら 我々 する した いる いた ある あった なる なった
言う 言った 行く 行った 来る 来た 見る 見た 思う とても もう まだ また すぐ
そして しかし だから 一 二 三 四 五 六 七 八 九 十 百 千 一つ 二つ 三つ
一人 二人 三人 はい いいえ こと もの とき ところ ため よう さん くん ちゃん 人 人々 誰 何 今 今日 時 前 後 上 下 中 外
"""
_ALSO_NAMES = """
ali allen anna bea beau ben bill bo don else ernst ida inna ira jo li lu lea maja máximo mia mila mira mo nova ole
otto
sam sara sean sem sue till aura
fire home keep mill mine order page ring system world
"""
"""In a list of common words, but names of people too, or places that stories name with a capital."""

_AGES = """
child children childs childlike childhood childish kid kids kiddo kiddie kiddies boy boys boyish girl girls girlish
schoolboy schoolgirl schoolboys schoolgirls schoolchild schoolchildren baby babies babe newborn newborns infant
infants
infantile toddler toddlers tots tween tweens preteen preteens teen teens teenage teenaged teenager teenagers
adolescent adolescents minor minors underage underaged youngest juvenile juveniles youngster youngsters youngling
younglings
urchin urchins kindergartner preschooler pupil pupils year years yr yrs yo aged age loli lolita shota
adult adults nonadult prepubescent pubescent puberty lad lads lass lasses tyke tykes
grandchild grandchildren godchild stepchild
kind kinder kindes kindern kindlich kindliche kindlicher kindchen kindlein kleinkind kleinkinder kleinkindern
schulkind
schulkinder mädchen maedchen mädel junge jungen jungs bub buben knabe knaben säugling säuglinge baby babys
neugeborenes
neugeborene minderjährig minderjährige minderjähriger minderjährigen jugendlich jugendliche jugendlicher teenie
teenies
jahr jahre jahren jährig jährige jähriger alter erwachsen erwachsene erwachsener erwachsenen enkelkind
enfant enfants enfantin fille fillette fillettes filles garçon garçons garçonnet bébé bébés bambin bambins gamin
gamine
gamins gamines gosse gosses mineur mineurs mineure mineures mioche adolescente adolescentes nourrisson nourrissons
ados ans âge âgé âgée âgés adulte adultes écolier écolière
niñita niñito niñitas niñitos chiquilla chiquillo chiquillos chica chicas chico chicos muchacha muchacho bebé bebés
menor menores infante infantes adolescentes años año edad adulto adulta adultos adultas párvulo párvulos crío cría
críos
colegiala colegial niños niñas
criança crianças criancinha menino menina meninos meninas garoto garota garotos garotas bebê bebês moleque moleques
anos ano idade rapaz rapariga miúdo miúda miúdos
dziecko dzieci dziećmi dzieciom dziecka dzieciak dzieciaki dzieciątko dziecięcy dziecięca dziewczynka dziewczynki
dziewczynek dziewczę dziewczyna chłopiec chłopcy chłopczyk chłopak chłopcem niemowlę niemowlęta niemowlak maluch
maluchy
malec nastolatka nastolatek nastolatki nieletni nieletnia nieletnich małoletni małoletnia lat letni letnia
dorosły dorosła dorośli
bambino bambina bambini bambine bimbo bimba bimbi bimbe fanciullo fanciulla fanciulli ragazzino ragazzina ragazzini
ragazzine ragazzo ragazza ragazzi ragazze neonato neonata neonati minorenne minorenni adolescenti poppante infanti
anni
anno piccino piccina pargolo pargoli adulti
kinderen kindje meisje meisjes jongen jongens peuter kleuter flicka pojke jente gutt pige dreng
ребенок ребёнок дети детей детка ребята девочка девочки мальчик мальчики малыш малыши малышка младенец подросток лет
год
дитя дитина діти дівчинка хлопчик немовля років
"""
_AGES_IN_THEIR_SPELLING = "niña niño"
"""Folded, these would be Nina and Nino."""
_YOUNG = """
young younger jung jünger jüngere jeune jeunes joven jóvenes jovem jovens giovane giovani młody młoda młodszy młodsza
"""
"""These tell an age, but for the end of a name of several words, as in Neil Young or Kian the Younger."""

_SENTENCE_WORDS = """
i you he she it we they me him them us my your his our their who whom whose which what this that these those
is are was were be been being am has have had having do does did doing can cannot could should would shall must might
isn aren wasn weren hasn haven hadn doesn didn couldn shouldn wouldn ain
not no never nobody none nothing nowhere neither nor without everybody everyone everything everywhere anybody anyone
anything somebody someone all every each both here there than very too also only just really actually instead because
if when while where why how make makes making draw draws drawing drawn paint paints painting painted show shows
showing
shown depict depicts depicting depicted render renders rendered ignore ignores add remove replace become becomes
looks look looking appear appears seems wear wears wearing dressed undressed naked nude forget disregard please
said says get gets like
ich du er sie es wir ihr mich dich ihn uns euch mein dein sein ihre unser wer wem wen welche welcher dieser diese
dieses
ist sind war waren bin bist seid gewesen hat haben hatte hatten habe wird werden wurde wurden kann können konnte soll
sollen sollte muss müssen darf dürfen mag nicht kein keine keiner keinen keinem nie niemals niemand nichts nirgends
ohne
alle allen alles jeder jede jedes hier dort sehr nur auch weil wenn wie warum zeige zeig zeichne male zeichnet
je tu il elle nous vous ils elles moi toi lui leur leurs mon ton mes tes ses notre votre qui que quoi dont ce cet
cette
ces est sont était étaient être été suis es sommes êtes ai as avons avez ont avait avaient fait font peut peuvent doit
doivent ne pas non jamais personne rien aucun aucune sans tous tout toute toutes chaque ici là très seulement aussi
dessine dessinez montre montrez peins ignore
yo tú él ella nosotros vosotros ellos ellas usted ustedes mí ti quien quién quienes esto ese esa eso estos estas
es son era eran ser sido soy eres somos está están estaba estaban he ha han había hay tiene tienen tenía puede pueden
debe deben no nunca nadie nada ningún ninguno ninguna sin todos todo toda todas cada aquí allí ahí muy sólo también
dibuja dibujar pinta pintar muestra mostrar ignora
eu ele ela nós vocês você eles elas mim quem isto isso aquilo é são foi eram estou está estão estava estavam tem têm
tinha tinham pode podem deve devem não nunca ninguém nada nenhum nenhuma sem todos tudo cada aqui ali lá muito só
também desenhe desenha pinte mostre
ja ty on ona ono my wy oni one mnie mi mną go jego jej jemu ich im kto co który która które ten ta ci te jest są był
była
było byli były być jestem jesteś ma mają miał miała może mogą musi muszą nie nigdy nikt nic nigdzie żaden żadna bez
wszyscy wszystko wszystkie każdy każda tutaj tu tam bardzo tylko także narysuj namaluj pokaż
io lui lei noi voi loro egli ella essi chi che questo questa questi queste quello quella è sono era erano essere stato
stata sei siamo siete ho hai ha abbiamo avete hanno aveva avevano può possono deve devono non mai nessuno nessuna
niente
nulla senza tutti tutto tutta tutte ogni qui qua lì là molto solo anche disegna dipingi mostra
"""
_NAMES_IN_SENTENCES = """
ai chi co du elle ella go hat ho io im jest la lo ma mag mai male mi mon my notre on oni one qui ses sole solo son su
ta tam te
ten ti to ton war wen
"""
"""Words of the list that names of several words have as well, in whatever language: Ho, Tam Lin, God of War."""
_PARTICLES = """
of the a an and or in on at by to for from with under over upon near beyond
von vom van der den dem des die das zu zum zur im und mit aus auf bei unter
de du d la le les l des et en au aux à sur sous
el los las del y e con al por lo san
da do dos das em nas
z ze w we i o od do nad pod przy
di dei degli della delle dello dell nel nella il gli lo un una uno a ai
bin ibn ben bint abu ap ab af av och og ter te op s o t n
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(word) for word in text.split())


PARTICLES = _words(_PARTICLES)
"""Small words inside of names. They need no capital."""
YOUNG = _words(_YOUNG)
AGES = _words(_AGES)
SENTENCE_WORDS = _words(_SENTENCE_WORDS) - _words(_NAMES_IN_SENTENCES) - PARTICLES
"""Verbs, negations and pronouns that stand in no name of several words."""


def tells_age(word: str) -> bool:
    """Tell whether one word, in whatever spelling, tells somebody's age."""
    return fold(word) in AGES or plain_fold(word) in _AGES_IN_THEIR_SPELLING.split()


@cache
def common_words() -> frozenset[str]:
    """Read the common words of all languages, folded.

    Takes some 30 ms, once; see `names.prepare`.
    """
    # The library reads its lists while it is imported.
    from stopwordsiso import stopwords  # noqa: PLC0415

    listed = _words(" ".join(stopwords(LANGUAGES))) | _words(_MORE_COMMON)
    return (listed | SENTENCE_WORDS | PARTICLES) - _words(_ALSO_NAMES)
