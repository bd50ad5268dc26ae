"""The purposes that a new site begins with, named in every language that a kiosk speaks; all of it may be changed."""

FIRST_PURPOSES: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "handshake",
        {
            "zh_Hans": "会面洽谈",
            "en": "Meeting",
            "zh_Hant": "會面洽談",
            "ja": "打ち合わせ",
            "ko": "회의",
            "fr": "Réunion",
            "es": "Reunión",
            "ru": "Встреча",
            "ar": "اجتماع",
        },
    ),
    (
        "case",
        {
            "zh_Hans": "面试",
            "en": "Interview",
            "zh_Hant": "面試",
            "ja": "面接",
            "ko": "면접",
            "fr": "Entretien",
            "es": "Entrevista",
            "ru": "Собеседование",
            "ar": "مقابلة عمل",
        },
    ),
    (
        "truck",
        {
            "zh_Hans": "送货取件",
            "en": "Delivery or collection",
            "zh_Hant": "送貨取件",
            "ja": "配達・集荷",
            "ko": "배송·수거",
            "fr": "Livraison ou enlèvement",
            "es": "Entrega o recogida",
            "ru": "Доставка или получение",
            "ar": "توصيل أو استلام",
        },
    ),
    (
        "works",
        {
            "zh_Hans": "维修施工",
            "en": "Repair or works",
            "zh_Hant": "維修施工",
            "ja": "修理・工事",
            "ko": "수리·공사",
            "fr": "Réparation ou travaux",
            "es": "Reparación u obras",
            "ru": "Ремонт или работы",
            "ar": "إصلاح أو أعمال",
        },
    ),
    (
        "more",
        {
            "zh_Hans": "其他",
            "en": "Something else",
            "zh_Hant": "其他",
            "ja": "その他",
            "ko": "기타",
            "fr": "Autre",
            "es": "Otro",
            "ru": "Другое",
            "ar": "غير ذلك",
        },
    ),
)
