"""Guesses the category from a customer's words; a guess is shown and never decides."""

from __future__ import annotations

from collections.abc import Collection

from complaints.rules.levels import plain

#: category code -> what customers say of it; longer words weigh more
WORDS: dict[str, tuple[str, ...]] = {
    "sales.attitude": ("销售态度", "销售顾问态度", "销售不理", "顾问不耐烦"),
    "sales.promise": ("承诺", "答应", "说好的", "说好了", "当初说", "不兑现", "没兑现"),
    "sales.price": ("车价", "降价", "优惠", "价格比", "买贵"),
    "sales.delivery_time": ("提车", "交车", "等车", "到店车", "什么时候到车", "订车", "延期交车"),
    "sales.paperwork": ("合格证", "上牌", "临牌", "手续", "发票", "行驶证", "登记证"),
    "sales.gifts": ("赠品", "送的", "脚垫", "贴膜", "行车记录仪没"),
    "service.attitude": ("态度", "不耐烦", "没礼貌", "爱理不理", "冷淡", "不理人", "吵"),
    "service.expertise": ("不专业", "不懂", "说不清", "一问三不知"),
    "service.waiting": ("没人管", "没人接待", "没人理", "等了", "排队", "干等"),
    "service.explanation": ("没解释", "没说明", "没讲", "没说清", "不说清楚"),
    "repair.not_fixed": (
        "没修好", "未修好", "修不好", "还是响", "还是有", "又出现", "没解决", "还在响", "依旧", "仍然", "没彻底",
    ),
    "repair.rework": ("返修", "返工", "修了两次", "修了三次", "第二次修", "第三次", "又修", "反复"),
    "repair.misdiagnosis": ("误判", "查错", "没查出", "诊断错", "换错"),
    "repair.body": ("钣金", "凹", "缝隙", "钣喷"),
    "repair.paint": ("喷漆", "色差", "漆面", "补漆", "掉漆", "流挂"),
    "repair.mechanical": ("螺丝", "机油没", "没拧", "漏油", "装错", "少装"),
    "time.overrun": ("修了几天", "修这么久", "超时", "还没修好", "拖了", "等了一天", "等了两天", "迟迟"),
    "time.not_told": ("没通知", "没告诉", "不通知", "没打电话", "没人告知"),
    "charges.labour": ("工时费", "工时"),
    "charges.parts": ("配件贵", "配件价", "零件贵"),
    "charges.transparency": ("乱收费", "多收", "收费", "没报价", "账单", "不透明", "另外收"),
    "parts.out_of_stock": ("缺货", "没货", "没有配件", "缺件"),
    "parts.slow": ("配件没到", "等配件", "配件还没", "到货"),
    "parts.quality": ("配件质量", "副厂", "假配件", "配件坏"),
    "product.powertrain": ("发动机", "变速箱", "顿挫", "动力", "熄火", "抖动", "烧机油", "启动不了"),
    "product.electrical": ("电瓶", "亏电", "灯不亮", "电路", "短路", "空调不"),
    "product.chassis": ("底盘", "刹车", "制动", "转向", "方向盘", "悬挂", "减震", "异响", "跑偏"),
    "product.body": ("漏水", "车门", "天窗", "生锈", "密封", "玻璃"),
    "product.infotainment": ("车机", "导航", "中控", "死机", "黑屏", "蓝牙", "屏幕"),
    "product.ev": ("续航", "充电", "电池", "电机", "三电", "充不进"),
    "environment": ("休息室", "卫生间", "厕所", "环境", "停车位", "茶水"),
    "insurance": ("保险", "理赔", "贷款", "续保", "保费", "金融"),
}  # fmt: skip
MOST = 3


def categories(words: str, known: Collection[str]) -> list[str]:
    """The codes that the words point to, likeliest first, three at most; only those that the store has."""
    text = plain(words)
    weights = {code: sum(len(sign) for sign in signs if sign in text) for code, signs in WORDS.items() if code in known}
    found = [code for code, weight in weights.items() if weight]
    return sorted(found, key=lambda code: -weights[code])[:MOST]
