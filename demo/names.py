"""Invented people and companies. No telephone number here can be anybody's."""

from random import Random

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单仇解"
)
DOUBLE_SURNAMES = ("欧阳", "上官", "司马", "诸葛", "慕容", "尉迟")
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰飞建国文婷雪琳晨宇浩然子轩梓涵欣怡思佳一诺俊熙雨泽嘉瑞可心若曦志远景"
    "行书意知夏清和安澜青禾望舒南乔北辰云起之恒乐天"
)
GIVEN_FIRST = "晓小文志建国思嘉雨子梓欣俊浩明佳一若清书知景望南北云之乐海春秋冬雅静美丽永立少伯仲"
LATIN = (
    "Anna Keller", "Jonas Lindqvist", "Maria Rossi", "James O'Connor", "Sophie Laurent", "Diego Fernández",
    "Olga Petrova", "Ahmed Hassan", "Emily Carter", "Lukas Novák", "Ingrid Sørensen", "Pedro Álvarez",
    "Fatima Zahra", "David Cohen", "Chloé Dubois", "Marek Kowalski", "Priya Sharma", "Nguyễn Minh Anh",
    "Thomas Müller", "Yuki Tanaka", "Kim Min-jun", "Isabel Costa", "Robert Reyes", "Elena Popescu",
)  # fmt: skip
JAPANESE = ("佐藤健", "田中美咲", "山本隆", "中村優子")

COMPANIES = (
    "示例科技有限公司", "样本律师事务所", "范例资本管理有限公司", "演示医疗器械有限公司", "模版设计工作室",
    "青屿物业服务中心", "澄湖影像工作室", "听雨建筑设计事务所", "半日茶文化传播", "北溟海运代理", "云栖数据服务",
    "拾光教育咨询", "木石家居贸易", "远帆国际货运代理", "知夏人力资源", "松间会计师事务所", "星野精密仪器",
    "白鹭环境工程", "一苇图书策划", "双桅帆体育用品", "晴川新能源", "竹里馆食品贸易", "临港检测技术", "长亭保险经纪",
    "飞来峰旅行社", "东隅广告传媒", "桑榆养老服务", "雁归翻译社", "小满农业科技", "砚田知识产权代理", "望舒天文仪器",
    "重瓣花艺", "石榴儿童口腔门诊", "折桂考试服务", "蓝桥软件开发", "闻莺音响设备", "浮玉珠宝", "观澜水处理",
    "向隅电子元件", "寒潭冷链物流", "Nordlys Studio", "Harbour & Lane LLP", "Kestrel Robotics", "Atelier Bonheur",
    "Meridian Coffee", "Blauwald GmbH", "Sakura Trading 株式会社", "Ponte Vecchio Foods", "鸣泉通信", "九皋航空服务",
    "采薇服饰", "停云投资咨询", "流觞酒业", "扶摇无人机", "既明照明", "未央戏剧工坊", "方塘印务", "抱朴古籍修复",
    "瓦舍文化经纪", "问津信息咨询",
)  # fmt: skip
ORGANISATIONS = (
    "", "", "", "", "样本设计工作室", "范例快运", "演示机电安装", "例行检验所", "某某大学", "模版印刷厂", "样例外卖",
    "某银行支行", "示范电梯维保", "范例消防工程", "某税务师事务所", "样品食品配送", "示意保洁", "例子网络公司",
    "Sample Partners", "Example Consulting", "Muster AG", "Société Exemple", "某设计院", "范本出版社", "样张摄影",
    "示例中学", "例会会务", "演练培训中心", "某装饰公司", "范例花店",
)  # fmt: skip
GOODS = ("样品一箱", "笔记本电脑一台", "工具箱", "鲜花两束", "文件袋", "打印纸十包", "桶装水四桶", "灯管二十支")
WATER = "苏E"


def person_name(chance: Random, *, latin: float = 0.06) -> str:
    """Somebody's name: mostly 汉字 of two or three characters, a few with double surnames, some from abroad."""
    lot = chance.random()
    if lot < latin:
        return chance.choice(LATIN)
    if lot < latin + 0.01:
        return chance.choice(JAPANESE)
    # Common surnames stand in front and are drawn more often.
    surname = SURNAMES[min(int(chance.expovariate(1 / 24)), len(SURNAMES) - 1)]
    if lot > 0.985:
        surname = chance.choice(DOUBLE_SURNAMES)
    if chance.random() < 0.22:
        return surname + chance.choice(GIVEN)
    return surname + chance.choice(GIVEN_FIRST) + chance.choice(GIVEN)


def mobile(number: int) -> str:
    """A number that rings nowhere: 154 is given to no operator in China."""
    return f"+86154{number % 100_000_000:08d}"


def number_abroad(number: int) -> str:
    """One of the hundred numbers 555-0100 to -0199 that are kept for fiction."""
    return f"+1212555{100 + number % 100:04d}"


def plate(chance: Random) -> str:
    """A plate with the letters I and O, which no Chinese plate carries."""
    return WATER + chance.choice("IO") + f"{chance.randrange(10_000):04d}"
