"""What the demo building says to its visitors, in the nine languages of the kiosk."""

from domain.sites.first_purposes import FIRST_PURPOSES

LANGUAGES = ["zh_Hans", "en", "zh_Hant", "ja", "ko", "fr", "es", "ru", "ar"]

NOTICE: dict[str, list[str]] = {
    "zh_Hans": [
        "请全程佩戴访客证，离开时在大堂签退。",
        "只到您要去的楼层；机房、设备间不对外开放。",
        "听到警铃请走楼梯，到东门广场集合点名。",
    ],
    "zh_Hant": [
        "請全程佩戴訪客證，離開時在大堂簽退。",
        "只到您要去的樓層；機房、設備間不對外開放。",
        "聽到警鈴請走樓梯，到東門廣場集合點名。",
    ],
    "en": [
        "Wear your badge all the time, and sign out in the lobby when you leave.",
        "Go only to the floor you are visiting. Plant rooms are closed to visitors.",
        "When the alarm sounds, take the stairs and meet at the square by the east gate.",
    ],
    "ja": [
        "来訪者証を常に着用し、お帰りの際はロビーで退館手続きをしてください。",
        "ご訪問先の階以外には立ち入らないでください。機械室には入れません。",
        "警報が鳴ったら階段を使い、東門前の広場に集まってください。",
    ],
    "ko": [
        "방문증을 항상 착용하고, 나가실 때 로비에서 퇴실 처리해 주십시오.",
        "방문하시는 층에만 출입해 주십시오. 기계실은 출입할 수 없습니다.",
        "경보가 울리면 계단을 이용하여 동문 광장으로 모여 주십시오.",
    ],
    "fr": [
        "Portez votre badge en permanence et signalez votre départ dans le hall.",
        "Rendez-vous uniquement à l’étage de votre visite. Les locaux techniques sont fermés aux visiteurs.",
        "En cas d’alarme, prenez l’escalier et rejoignez la place de la porte est.",
    ],
    "es": [
        "Lleve la acreditación siempre visible y registre su salida en el vestíbulo.",
        "Vaya solo a la planta que visita. Las salas técnicas están cerradas a las visitas.",
        "Si suena la alarma, use la escalera y acuda a la plaza de la puerta este.",
    ],
    "ru": [
        "Всегда носите пропуск и отметьте свой уход в вестибюле.",
        "Проходите только на нужный вам этаж. Технические помещения закрыты для посетителей.",
        "По сигналу тревоги спускайтесь по лестнице и идите на площадь у восточных ворот.",
    ],
    "ar": [
        "ضع بطاقة الزائر طوال الوقت، وسجّل خروجك في البهو عند المغادرة.",
        "اذهب إلى الطابق الذي تزوره فقط. غرف المعدات مغلقة أمام الزوار.",
        "عند سماع الإنذار استخدم الدرج وتوجّه إلى الساحة عند البوابة الشرقية.",
    ],
}

HELP: dict[str, str] = {
    "zh_Hans": "需要帮忙？前台就在您左手边。",
    "zh_Hant": "需要幫忙？前台就在您左手邊。",
    "en": "Need help? The reception is on your left.",
    "ja": "お困りですか。受付は左手にあります。",
    "ko": "도움이 필요하신가요? 안내 데스크는 왼쪽에 있습니다.",
    "fr": "Besoin d’aide ? L’accueil est à votre gauche.",
    "es": "¿Necesita ayuda? La recepción está a su izquierda.",
    "ru": "Нужна помощь? Стойка администратора слева от вас.",
    "ar": "هل تحتاج إلى مساعدة؟ الاستقبال على يسارك.",
}

SITE_WAY: dict[str, str] = {
    "zh_Hans": "从大堂往里走，电梯厅在服务台后面。",
    "zh_Hant": "從大堂往裡走，電梯廳在服務台後面。",
    "en": "Walk through the lobby: the lifts are behind the desk.",
    "ja": "ロビーの奥へお進みください。エレベーターは受付の後ろです。",
    "ko": "로비 안쪽으로 들어가시면 안내 데스크 뒤에 엘리베이터가 있습니다.",
    "fr": "Traversez le hall : les ascenseurs se trouvent derrière l’accueil.",
    "es": "Cruce el vestíbulo: los ascensores están detrás de la recepción.",
    "ru": "Пройдите через вестибюль: лифты находятся за стойкой администратора.",
    "ar": "اعبر البهو: المصاعد خلف مكتب الاستقبال.",
}

# The way to a unit, a step a line: which lifts, which floor, which side.
_WAY: dict[str, tuple[str, str, str, str]] = {
    "zh_Hans": ("走到 {lifts} 号电梯厅\n上 {floor} 层", "出电梯左转", "出电梯右转", "{number} 室"),
    "zh_Hant": ("走到 {lifts} 號電梯廳\n上 {floor} 層", "出電梯左轉", "出電梯右轉", "{number} 室"),
    "en": ("Go to lift hall {lifts}\nTake the lift to floor {floor}", "Turn left", "Turn right", "Room {number}"),
    "ja": (
        "{lifts} 番エレベーターホールへ\n{floor} 階へ",
        "エレベーターを出て左",
        "エレベーターを出て右",
        "{number} 号室",
    ),
    "ko": (
        "{lifts}번 엘리베이터 홀로 가십시오\n{floor}층으로 올라가십시오",
        "엘리베이터에서 내려 왼쪽",
        "엘리베이터에서 내려 오른쪽",
        "{number}호",
    ),
    "fr": (
        "Allez au hall d’ascenseurs {lifts}\nMontez à l’étage {floor}",
        "Tournez à gauche",
        "Tournez à droite",
        "Bureau {number}",
    ),
    "es": (
        "Vaya a los ascensores {lifts}\nSuba a la planta {floor}",
        "Gire a la izquierda",
        "Gire a la derecha",
        "Oficina {number}",
    ),
    "ru": (
        "Пройдите к лифтам {lifts}\nПоднимитесь на {floor}-й этаж",
        "Поверните налево",
        "Поверните направо",
        "Офис {number}",
    ),
    "ar": (
        "اذهب إلى ردهة المصاعد {lifts}\nاصعد إلى الطابق {floor}",
        "انعطف يسارًا",
        "انعطف يمينًا",
        "المكتب {number}",
    ),
}


def way_to(number: str, floor: str) -> dict[str, str]:
    """The way to a unit by language: low floors by lift hall 1, high ones by 2; odd doors lie to the left."""
    lifts = 1 if int(floor) < 13 else 2
    side = 1 if int(number[-2:]) % 2 else 2
    return {
        language: "\n".join((way[0].format(lifts=lifts, floor=floor), way[side], way[3].format(number=number)))
        for language, way in _WAY.items()
    }


_FIRST = dict(FIRST_PURPOSES)
PURPOSES: list[dict[str, object]] = [
    {
        "icon": "handshake",
        "stay_minutes": 120,
        "names": _FIRST["handshake"],
    },
    {
        "icon": "case",
        "stay_minutes": 90,
        "waits_for_host": True,
        "fields": {"organisation": "no", "companions": "no"},
        "names": _FIRST["case"],
    },
    {
        "icon": "truck",
        "stay_minutes": 30,
        "fields": {"goods": "ask", "plate": "ask", "companions": "no"},
        "names": {
            "zh_Hans": "送货取件",
            "zh_Hant": "送貨取件",
            "en": "Delivery",
            "ja": "配達・集荷",
            "ko": "배송·수거",
            "fr": "Livraison",
            "es": "Entrega",
            "ru": "Доставка",
            "ar": "توصيل",
        },
    },
    {
        "icon": "works",
        "stay_minutes": 240,
        "fields": {"organisation": "must", "goods": "ask", "document": "ask"},
        "names": _FIRST["works"],
    },
    {
        "icon": "key",
        "stay_minutes": 60,
        "names": {
            "zh_Hans": "看房",
            "zh_Hant": "看房",
            "en": "Viewing a unit",
            "ja": "内見",
            "ko": "사무실 둘러보기",
            "fr": "Visite de locaux",
            "es": "Ver una oficina",
            "ru": "Осмотр помещения",
            "ar": "معاينة مكتب",
        },
    },
    {
        "icon": "users",
        "stay_minutes": 180,
        "names": {
            "zh_Hans": "培训活动",
            "zh_Hant": "培訓活動",
            "en": "Training or event",
            "ja": "研修・催し",
            "ko": "교육·행사",
            "fr": "Formation ou événement",
            "es": "Formación o acto",
            "ru": "Обучение или мероприятие",
            "ar": "تدريب أو فعالية",
        },
    },
    {
        "icon": "more",
        "stay_minutes": 60,
        "names": {
            "zh_Hans": "其他",
            "zh_Hant": "其他",
            "en": "Other",
            "ja": "その他",
            "ko": "기타",
            "fr": "Autre",
            "es": "Otro",
            "ru": "Другое",
            "ar": "غير ذلك",
        },
    },
]
